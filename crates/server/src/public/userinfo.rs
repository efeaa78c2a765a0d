use api_types::Sorted;
use http::{StatusCode, header};
use provider::{Userinfo, UserinfoRequest};

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET` and `POST /userinfo` (OpenID Connect Core §5.3).
pub(crate) async fn userinfo(state: &State, request: &Request) -> Response {
    let authorization = request.authorization();
    let asked = UserinfoRequest {
        authorization: authorization.as_deref(),
        query: &request.query,
        form: request.form(),
    };
    match state.provider.userinfo(&asked).await {
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
