use std::sync::Arc;

use oauth_types::Clock;

use crate::{
    DemoClient, DemoConfig,
    admin_api::AdminApi,
    relying_party::{Provider, Sessions},
};

/// What all handlers share.
pub(crate) struct App {
    pub(crate) config: DemoConfig,
    /// The apps' way to Hydrus.
    pub(crate) admin: AdminApi,
    /// The relying party's way to Hydrus.
    pub(crate) provider: Provider,
    /// Who is logged in at the relying party.
    pub(crate) sessions: Sessions,
    pub(crate) clock: Arc<dyn Clock>,
}

impl App {
    pub(crate) fn new(config: DemoConfig, client: DemoClient, clock: Arc<dyn Clock>) -> Self {
        Self {
            admin: AdminApi::new(config.clone()),
            provider: Provider::new(config.clone(), client),
            sessions: Sessions::default(),
            clock,
            config,
        }
    }
}
