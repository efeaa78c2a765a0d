use http::StatusCode;

use crate::Listener;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

const OK: &str = "{\"status\":\"ok\"}";

/// `GET /health/alive`: the process answers.
pub(crate) async fn alive(_: &State, _: &Request) -> Response {
    respond::json_text(StatusCode::OK, OK.to_owned())
}

/// `GET /health/ready`: the database answers, too.
///
/// Hydra: its 503 is the unnamed error; ours adds which check failed, as the API document promises.
/// The public listener hides why.
pub(crate) async fn ready(state: &State, request: &Request) -> Response {
    let Err(fault) = state.options.readiness.check().await else {
        return respond::json_text(StatusCode::OK, OK.to_owned());
    };
    tracing::error!(cause = fault, "not ready");
    let why = match request.listener {
        Listener::Public => "error may contain sensitive information and was obfuscated".to_owned(),
        Listener::Admin => fault,
    };
    let body = serde_json::json!({
        "error": "error",
        "error_description": "The error is unrecognizable",
        "errors": { "database": why },
    });
    let text = api_types::to_go_json(&body) + "\n";
    respond::body(StatusCode::SERVICE_UNAVAILABLE, "application/json", text)
}
