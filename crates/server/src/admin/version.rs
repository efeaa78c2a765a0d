use http::StatusCode;

use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET /version`
pub(crate) async fn version(state: &State, _: &Request) -> Response {
    respond::json(
        StatusCode::OK,
        &serde_json::json!({ "version": state.options.version }),
    )
}
