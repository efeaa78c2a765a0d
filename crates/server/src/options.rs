use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

/// Which door a request came through; each has its own routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Listener {
    /// For browsers and clients, open to everybody.
    Public,
    /// For operators and the login, consent and logout apps; protected by the network alone.
    Admin,
}

impl Listener {
    /// The name in settings and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Admin => "admin",
        }
    }
}

/// What an operator may decide about the server beside the provider's policy.
#[derive(Clone)]
pub struct ServerOptions {
    /// What `GET /version` says.
    pub version: String,
    /// What `GET /health/ready` asks.
    pub readiness: Arc<dyn Readiness>,
    /// Bounds that keep slow or greedy peers away.
    pub limits: Limits,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            version: format!("v{}", env!("CARGO_PKG_VERSION")),
            readiness: Arc::new(AlwaysReady),
            limits: Limits::default(),
        }
    }
}

/// Knows whether requests can be served: whether the database answers and has all its tables.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Looks now.
    ///
    /// # Errors
    /// What is wrong, for the operator: shown on the admin listener only.
    async fn check(&self) -> Result<(), String>;
}

/// For back ends that are always there, such as the memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysReady;

#[async_trait]
impl Readiness for AlwaysReady {
    async fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Bounds of a connection. The times are those of Hydra.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections a listener serves at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long a request may take to arrive, head and body together.
    pub read: Duration,
    /// How long an answer may take to leave.
    pub write: Duration,
    /// How long a connection may stay open between two requests.
    pub idle: Duration,
    /// Bytes of a request's head; more is answered 431.
    pub head_bytes: usize,
    /// Bytes of a request's body; more is answered 413, or counts as a broken form.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            read: Duration::from_secs(5),
            write: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            head_bytes: 1024 * 1024,
            body_bytes: 10 * 1024 * 1024,
        }
    }
}
