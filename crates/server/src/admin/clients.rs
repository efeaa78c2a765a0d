//! OAuth clients, for administrators.

use api_types::PageQuery;
use api_types::admin::{ClientBody, LifespanTexts};
use http::{StatusCode, header};
use oauth_types::{ErrorCode, OAuthError, Params, Secret};
use provider::{Client, ClientDraft, ClientFilter, ClientPatch};

use crate::admin::no_content;
use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views;

/// `GET /admin/clients`
pub(crate) async fn list(state: &State, request: &Request) -> Response {
    let query = request.query_params();
    let page = PageQuery::parse(&query);
    let filter = ClientFilter {
        name: given(&query, "client_name"),
        owner: given(&query, "owner"),
    };
    match state.provider.list_clients(&filter, page.page()).await {
        Ok(found) => {
            let list: Vec<_> = found.items.iter().map(views::client).collect();
            respond::paged(
                respond::json(StatusCode::OK, &list),
                request,
                page,
                found.total,
            )
        }
        Err(error) => error::api(&error),
    }
}

/// `POST /admin/clients`
pub(crate) async fn create(state: &State, request: &Request) -> Response {
    let (body, draft) = match read(request) {
        Ok(read) => read,
        Err(why) => return error::api(&undecodable(&why)),
    };
    match state.provider.create_client(draft).await {
        Ok(made) => {
            let mut view = views::client(&made.client).answering(&body);
            view.client_secret = made.secret.as_ref().map(Secret::expose);
            view.registration_access_token = made.registration_access_token.expose();
            view.registration_client_uri = &made.registration_client_uri;
            let location = format!("/admin/clients/{}", made.client.id);
            let response = respond::json(StatusCode::CREATED, &view);
            respond::with_header(response, header::LOCATION, &location)
        }
        Err(error) => error::api(&error),
    }
}

/// `GET /admin/clients/{id}`
pub(crate) async fn get(state: &State, request: &Request) -> Response {
    match state.provider.get_client(request.params.at(0)).await {
        Ok(client) => respond::json(StatusCode::OK, &views::client(&client)),
        Err(error) => error::api(&error),
    }
}

/// `PUT /admin/clients/{id}`
///
/// Hydra: a registration access token in the body is sent back, though it is no good any more, so
/// that tools that send what they read are not surprised.
pub(crate) async fn replace(state: &State, request: &Request) -> Response {
    let (body, draft) = match read(request) {
        Ok(read) => read,
        Err(why) => return error::api(&undecodable(&why)),
    };
    match state
        .provider
        .replace_client(request.params.at(0), draft)
        .await
    {
        Ok(replaced) => {
            let mut view = views::client(&replaced.client).answering(&body);
            view.client_secret = replaced.secret.as_ref().map(Secret::expose);
            view.registration_access_token = body.registration_access_token.expose();
            view.registration_client_uri = &body.registration_client_uri;
            respond::json(StatusCode::OK, &view)
        }
        Err(error) => error::api(&error),
    }
}

/// `PATCH /admin/clients/{id}`: a JSON Patch (RFC 6902).
pub(crate) async fn patch(state: &State, request: &Request) -> Response {
    let patch = match request.bytes() {
        Ok(body) => ClientPatch::parse(body).map_err(OAuthError::from),
        Err(why) => Err(undecodable(&why)),
    };
    let change = |stored: &Client| views::patched(stored, patch.as_ref().map_err(Clone::clone)?);
    match state
        .provider
        .patch_client(request.params.at(0), change)
        .await
    {
        Ok(patched) => {
            let mut view = views::client(&patched.client);
            view.client_secret = patched.secret.as_ref().map(Secret::expose);
            respond::json(StatusCode::OK, &view)
        }
        Err(error) => error::api(&error),
    }
}

/// `PUT /admin/clients/{id}/lifespans`
pub(crate) async fn set_lifespans(state: &State, request: &Request) -> Response {
    let lifespans = request
        .json::<LifespanTexts>()
        .and_then(|texts| views::lifespans(&texts))
        .map_err(|why| undecodable(&why));
    let changed = state
        .provider
        .set_client_lifespans(request.params.at(0), lifespans);
    match changed.await {
        Ok(client) => respond::json(StatusCode::OK, &views::client(&client)),
        Err(error) => error::api(&error),
    }
}

/// `DELETE /admin/clients/{id}`
pub(crate) async fn delete(state: &State, request: &Request) -> Response {
    no_content(state.provider.delete_client(request.params.at(0)).await)
}

/// Reads a client from the body, or says why that cannot be done.
fn read(request: &Request) -> Result<(ClientBody, ClientDraft), String> {
    let body = request.json::<ClientBody>()?;
    let draft = views::draft(&body)?;
    Ok((body, draft))
}

fn undecodable(why: &str) -> OAuthError {
    let hint = format!("Unable to decode the request body: {why}");
    OAuthError::new(ErrorCode::Malformed).hint(hint)
}

/// A parameter that is not empty.
fn given(query: &Params, name: &str) -> Option<String> {
    query
        .first(name)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}
