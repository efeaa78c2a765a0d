use api_types::Sorted;
use http::{StatusCode, header};
use provider::Userinfo;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET` and `POST /userinfo` (OpenID Connect Core §5.3).
pub(crate) async fn userinfo(state: &State, request: &Request) -> Response {
    match state.provider.userinfo(&request.bearer()).await {
        Ok(Userinfo::Claims(claims)) => respond::json(StatusCode::OK, &Sorted(&claims)),
        Ok(Userinfo::Jwt(jwt)) => respond::body(StatusCode::OK, "application/jwt", jwt),
        Err(refused) => {
            let response = error::api(&refused.error);
            match refused.www_authenticate {
                Some(challenge) => {
                    respond::with_header(response, header::WWW_AUTHENTICATE, &challenge)
                }
                None => response,
            }
        }
    }
}
