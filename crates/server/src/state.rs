use std::sync::Arc;

use provider::Provider;

use crate::ServerOptions;

/// What handlers work with.
pub(crate) struct State {
    /// What decides.
    pub(crate) provider: Arc<Provider>,
    /// What the operator decided about the server itself.
    pub(crate) options: ServerOptions,
}
