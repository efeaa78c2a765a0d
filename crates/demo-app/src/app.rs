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

/// An app whose Hydrus is not there, for tests.
#[cfg(test)]
pub(crate) fn alone() -> App {
    struct Still;
    impl Clock for Still {
        fn now(&self) -> oauth_types::Timestamp {
            oauth_types::Timestamp::from_secs(1_700_000_000)
        }
    }
    // Port 1 is reserved, and nobody listens there.
    let nobody: url::Url = "http://127.0.0.1:1/".parse().unwrap();
    let listen = "127.0.0.1:5555".parse().unwrap();
    let client = DemoClient {
        id: "c".into(),
        secret: oauth_types::Secret::new("s"),
        scope: "openid".into(),
    };
    let config = DemoConfig::new(nobody.clone(), nobody, listen).unwrap();
    App::new(config, client, Arc::new(Still))
}
