use std::collections::BTreeMap;

use http::StatusCode;
use serde::Serialize;

use crate::Listener;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

const OK: &str = "{\"status\":\"ok\"}";

/// `GET /health/alive`: the process answers.
pub(crate) async fn alive(_: &State, _: &Request) -> Response {
    respond::json_text(StatusCode::OK, OK.to_owned())
}

/// `GET /health/ready`: what the answers depend on works, too.
///
/// Hydra: its 503 is the unnamed error; ours adds which checks failed, as the API document promises.
/// The public listener hides why.
pub(crate) async fn ready(state: &State, request: &Request) -> Response {
    let Err(fault) = state.provider.ready().await else {
        return respond::json_text(StatusCode::OK, OK.to_owned());
    };
    tracing::error!(cause = ?fault.errors, "not ready");
    let hidden = "error may contain sensitive information and was obfuscated";
    let errors = fault
        .errors
        .iter()
        .map(|(check, why)| match request.listener {
            Listener::Public => (*check, hidden),
            Listener::Admin => (*check, why.as_str()),
        });
    let text = api_types::to_go_json(&NotReadyBody {
        error: "error",
        error_description: "The error is unrecognizable",
        errors: errors.collect(),
    });
    respond::body(
        StatusCode::SERVICE_UNAVAILABLE,
        "application/json",
        text + "\n",
    )
}

#[derive(Serialize)]
struct NotReadyBody<'a> {
    error: &'static str,
    error_description: &'static str,
    errors: BTreeMap<&'a str, &'a str>,
}
