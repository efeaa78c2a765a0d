//! Trusted issuers of JWT bearer assertions, for administrators.

use api_types::PageQuery;
use api_types::admin::TrustBody;
use http::{StatusCode, header};
use provider::TrustRequest;

use crate::admin::{no_content, undecodable};
use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views;

/// `GET /admin/trust/grants/jwt-bearer/issuers`
pub(crate) async fn list(state: &State, request: &Request) -> Response {
    let query = request.query_params();
    let page = PageQuery::parse(&query);
    let issuer = Some(query.text("issuer")).filter(|issuer| !issuer.is_empty());
    match state.provider.trusted_issuers(issuer, page.page()).await {
        Ok(found) => {
            let list: Vec<_> = found.items.iter().map(views::trusted_issuer).collect();
            let response = respond::json(StatusCode::OK, &list);
            respond::paged(response, request, page, found.total)
        }
        Err(error) => error::api(&error),
    }
}

/// `POST /admin/trust/grants/jwt-bearer/issuers`
///
/// Hydra: `Location` lacks `/admin`, and `scope` is answered as it was sent.
pub(crate) async fn create(state: &State, request: &Request) -> Response {
    let body = match request.json::<TrustBody>() {
        Ok(body) => body,
        Err(why) => return error::api(&undecodable(&why)),
    };
    let wanted = TrustRequest {
        issuer: body.issuer,
        subject: body.subject,
        allow_any_subject: body.allow_any_subject,
        scope: body.scope.clone().unwrap_or_default(),
        jwk: body.jwk.map(|jwk| jwk.as_str().to_owned()),
        expires_at: body.expires_at,
    };
    match state.provider.trust_issuer(wanted).await {
        Ok(trusted) => {
            let mut view = views::trusted_issuer(&trusted);
            view.scope = body.scope.as_deref();
            let location = format!("/trust/grants/jwt-bearer/issuers/{}", trusted.id);
            let response = respond::json(StatusCode::CREATED, &view);
            respond::with_header(response, header::LOCATION, &location)
        }
        Err(error) => error::api(&error),
    }
}

/// `GET /admin/trust/grants/jwt-bearer/issuers/{id}`
pub(crate) async fn get(state: &State, request: &Request) -> Response {
    match state.provider.trusted_issuer(request.params.at(0)).await {
        Ok(trusted) => respond::json(StatusCode::OK, &views::trusted_issuer(&trusted)),
        Err(error) => error::api(&error),
    }
}

/// `DELETE /admin/trust/grants/jwt-bearer/issuers/{id}`
pub(crate) async fn delete(state: &State, request: &Request) -> Response {
    no_content(state.provider.distrust_issuer(request.params.at(0)).await)
}
