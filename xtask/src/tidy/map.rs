//! The crate map of ARCHITECTURE.md as a table.
//!
//! A new arrow between crates is a decision: it gets its own commit, with a line here and in
//! ARCHITECTURE.md.

/// Name of a crate, and the crates of the workspace that it may use.
pub(super) const MAP: &[(&str, &[&str])] = &[
    ("oauth-types", &[]),
    ("api-types", &["oauth-types"]),
    ("crypto", &["oauth-types"]),
    ("client-registry", &["oauth-types", "crypto"]),
    ("jwk-store", &["oauth-types", "crypto"]),
    (
        "consent-flow",
        &["oauth-types", "crypto", "client-registry"],
    ),
    (
        "oauth-core",
        &["oauth-types", "crypto", "client-registry", "jwk-store"],
    ),
    (
        "provider",
        &[
            "oauth-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
        ],
    ),
    (
        "memory-store",
        &[
            "oauth-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
        ],
    ),
    (
        "store-conformance",
        &[
            "oauth-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
        ],
    ),
    (
        "persistence",
        &[
            "oauth-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
        ],
    ),
    (
        "hydra-import",
        &[
            "oauth-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
            "persistence",
        ],
    ),
    ("http-client", &["oauth-types"]),
    ("config", &["oauth-types"]),
    ("telemetry", &[]),
    (
        "server",
        &["oauth-types", "provider", "api-types", "telemetry"],
    ),
    // It knows the server only over HTTP: shapes of the API are the most it may take from there.
    // Of `crypto` it uses what any application takes a JOSE library for, of `oauth-types` clock,
    // entropy and hidden secrets.
    ("demo-app", &["oauth-types", "api-types", "crypto"]),
    (
        "cli",
        &[
            "oauth-types",
            "api-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
            "provider",
            "memory-store",
            "persistence",
            "hydra-import",
            "http-client",
            "config",
            "telemetry",
            "server",
            "demo-app",
        ],
    ),
    (
        "test-support",
        &[
            "oauth-types",
            "api-types",
            "crypto",
            "client-registry",
            "jwk-store",
            "consent-flow",
            "oauth-core",
            "provider",
            "memory-store",
            "store-conformance",
            "persistence",
            "http-client",
            "config",
            "telemetry",
            "server",
        ],
    ),
    ("hydrus", &["cli"]),
    ("xtask", &[]),
];

/// Crates that tests and examples of every crate may use besides. Of `crypto` the tests of the
/// executable use what a relying party takes a JOSE library for.
pub(super) const FOR_TESTS: &[&str] = &[
    "crypto",
    "memory-store",
    "store-conformance",
    "test-support",
];

/// Crates that nothing but tests and examples may use, whatever [`MAP`] says.
pub(super) const ONLY_FOR_TESTS: &[&str] = &["store-conformance", "test-support"];

/// Crates that hold the rules: no HTTP, no SQL, no runtime.
pub(super) const DOMAIN: &[&str] = &[
    "oauth-types",
    "crypto",
    "client-registry",
    "jwk-store",
    "consent-flow",
    "oauth-core",
    "provider",
];

/// Domain crates that may name tokio all the same: hashing, signing and key generation leave the
/// I/O threads through `spawn_blocking`, and caches wait on its locks.
pub(super) const DOMAIN_WITH_TOKIO: &[&str] = &["crypto", "jwk-store", "provider"];

/// Packages that no domain crate may contain, not even through others.
pub(super) const NOT_IN_DOMAIN: &[&str] = &[
    "axum",
    "deadpool",
    "diesel",
    "diesel-async",
    "diesel_migrations",
    "h2",
    "http",
    "http-body-util",
    "hyper",
    "hyper-util",
    "libsqlite3-sys",
    "matchit",
    "mio",
    "mysql_async",
    "native-tls",
    "reqwest",
    "rusqlite",
    "rustls",
    "socket2",
    "sqlx",
    "tokio-postgres",
    "tokio-rustls",
    "tokio-util",
    "tower",
];

/// Packages that only crate `crypto` may name.
pub(super) const ONLY_IN_CRYPTO: &[&str] = &["josekit", "openssl", "openssl-sys", "ring"];
