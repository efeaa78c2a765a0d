use http::StatusCode;
use telemetry::METRICS_MEDIA_TYPE;

use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;

/// `GET /admin/metrics/prometheus`: what both listeners of this process answered.
pub(crate) async fn metrics(state: &State, _: &Request) -> Response {
    respond::body(StatusCode::OK, METRICS_MEDIA_TYPE, state.metrics.render())
}
