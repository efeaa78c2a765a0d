//! Key sets, for administrators. Private parts are included.

use std::sync::Arc;

use api_types::RawJson;
use api_types::admin::{CreateKeyBody, KeySetBody};
use http::{StatusCode, header};
use oauth_types::OAuthError;
use provider::KeyRequest;

use crate::admin::{no_content, undecodable};
use crate::error;
use crate::extract::Request;
use crate::path;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET /admin/keys/{set}`
pub(crate) async fn set(state: &State, request: &Request) -> Response {
    keys(
        StatusCode::OK,
        state.provider.key_set(request.params.at(0)).await,
    )
}

/// `GET /admin/keys/{set}/{kid}`
pub(crate) async fn key(state: &State, request: &Request) -> Response {
    let (set, kid) = (request.params.at(0), request.params.at(1));
    keys(StatusCode::OK, state.provider.key(set, kid).await)
}

/// `POST /admin/keys/{set}`: adds a new key.
///
/// Hydra: `Location` begins with the issuer and lacks `/admin`.
pub(crate) async fn create(state: &State, request: &Request) -> Response {
    let set = request.params.at(0);
    let wanted = match request.json::<CreateKeyBody>() {
        Ok(body) => KeyRequest {
            alg: body.alg,
            key_use: body.key_use,
            kid: body.kid,
        },
        Err(why) => return error::api(&undecodable(&why)),
    };
    let made = state.provider.create_key(set, wanted).await;
    let is_made = made.is_ok();
    let response = keys(StatusCode::CREATED, made);
    if !is_made {
        return response;
    }
    let issuer = state.provider.policy().tokens.issuer.clone();
    let mut location = format!("{}/keys/", issuer.trim_end_matches('/'));
    path::encode_segment(set, &mut location);
    respond::with_header(response, header::LOCATION, &location)
}

/// `PUT /admin/keys/{set}`
pub(crate) async fn replace_set(state: &State, request: &Request) -> Response {
    let body = match request.json::<KeySetBody>() {
        Ok(body) => body,
        Err(why) => return error::api(&undecodable(&why)),
    };
    let text = |key: &RawJson| key.as_str().to_owned();
    let given = body.keys.map(|list| list.iter().map(text).collect());
    keys(
        StatusCode::OK,
        state
            .provider
            .put_key_set(request.params.at(0), given)
            .await,
    )
}

/// `PUT /admin/keys/{set}/{kid}`
///
/// Hydra: the key goes by the `kid` of the body, whatever the path says.
pub(crate) async fn replace_key(state: &State, request: &Request) -> Response {
    let key = request
        .bytes()
        .and_then(|body| api_types::first_value(body).map_err(|why| why.to_string()));
    match key {
        Ok(key) => {
            let key = key.as_str().to_owned();
            let put = state.provider.put_key(request.params.at(0), key);
            keys(StatusCode::OK, put.await)
        }
        Err(why) => error::api(&undecodable(&why)),
    }
}

/// `DELETE /admin/keys/{set}/{kid}`
pub(crate) async fn delete_key(state: &State, request: &Request) -> Response {
    let (set, kid) = (request.params.at(0), request.params.at(1));
    no_content(state.provider.delete_key(set, kid).await)
}

/// `DELETE /admin/keys/{set}`
pub(crate) async fn delete_set(state: &State, request: &Request) -> Response {
    no_content(state.provider.delete_key_set(request.params.at(0)).await)
}

/// Keys as JSON text, in the escapes of all other answers.
fn keys(status: StatusCode, found: Result<Arc<str>, OAuthError>) -> Response {
    match found {
        Ok(text) => respond::json(status, &RawJson::parse(&text)),
        Err(error) => error::api(&error),
    }
}
