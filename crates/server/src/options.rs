use std::time::Duration;

/// Which door a request came through; each has its own routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Listener {
    /// For browsers and clients, open to everybody.
    Public,
    /// For operators and the login, consent and logout apps; protected by the network alone.
    Admin,
}

impl Listener {
    /// The name in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Admin => "admin",
        }
    }
}

/// What an operator may decide about the server beside the provider's policy.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// What `GET /version` says.
    pub version: String,
    /// Cross-origin requests at the public listener; `None`: no page of another origin is answered.
    pub public_cors: Option<CorsOptions>,
    /// The same at the admin listener.
    pub admin_cors: Option<CorsOptions>,
    /// Bounds that keep slow or greedy peers away.
    pub limits: Limits,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            version: format!("v{}", env!("CARGO_PKG_VERSION")),
            public_cors: None,
            admin_cors: None,
            limits: Limits::default(),
        }
    }
}

/// Which pages of other origins may call a listener, and how (WHATWG Fetch §3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsOptions {
    /// Patterns of origins; none, or a `*`, admits all.
    pub allowed_origins: Vec<String>,
    /// Methods that may be used; none stands for GET, POST and HEAD.
    pub allowed_methods: Vec<String>,
    /// Headers that may be sent; `*` admits all. None stands for the simplest ones.
    pub allowed_headers: Vec<String>,
    /// Headers of the answer that may be read.
    pub exposed_headers: Vec<String>,
    /// Whether cookies and credentials may be sent along.
    pub allow_credentials: bool,
    /// Seconds for which a browser may remember a preflight; 0 does not say.
    pub max_age_s: u64,
    /// Whether every decision is logged.
    pub debug: bool,
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
    /// How long requests in flight may take to finish once the server is told to stop.
    pub drain: Duration,
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
            drain: Duration::from_secs(30),
            head_bytes: 1024 * 1024,
            body_bytes: 10 * 1024 * 1024,
        }
    }
}
