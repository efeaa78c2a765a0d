use std::sync::Arc;

use provider::Provider;
use telemetry::HttpMetrics;

use crate::ServerOptions;

/// What handlers work with.
pub(crate) struct State {
    /// What decides.
    pub(crate) provider: Arc<Provider>,
    /// What was answered so far.
    pub(crate) metrics: HttpMetrics,
    /// What the operator decided about the server itself.
    pub(crate) options: ServerOptions,
}
