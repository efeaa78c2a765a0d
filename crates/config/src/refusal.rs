use crate::document::Document;
use crate::error::Source;
use crate::sections::oidc::SALT;
use crate::settings::Settings;
use crate::uri::scheme;
use crate::{SubjectType, mask};

/// A reason not to start although every value is allowed by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// OpenID Connect Discovery 1.0 §3: issuers are https URLs. Development mode lifts it.
    #[error(
        "The value of urls.self.issuer ({issuer}, from {origin}) is refused: issuer URL scheme \
         must be HTTPS unless development mode is enabled. Use https, or pass --dev."
    )]
    InsecureIssuer {
        /// The issuer as configured.
        issuer: String,
        /// Where it comes from.
        origin: Source,
    },
    /// There is no database to work on.
    #[error(
        "dsn must be set: give the key `dsn` in a file or the variable DSN, for example `memory` \
         or `sqlite:///var/lib/hydrus/db.sqlite?_fk=true`."
    )]
    NoDsn,
    /// The data source name is for a database that is not supported.
    #[error(
        "dsn value requested an unknown driver: {} (from {origin}). Known are memory, sqlite, \
         postgres, mysql and cockroach.\nUnable to create service registry.",
        if .scheme.is_empty() { "it has no scheme" } else { .scheme }
    )]
    UnknownDriver {
        /// The scheme, empty if there is none; the rest may hold a password.
        scheme: String,
        /// Where the name comes from.
        origin: Source,
    },
    /// Pairwise subjects could be guessed.
    #[error(
        "The value of oidc.subject_identifiers.pairwise.salt (from {origin}) has {bytes} bytes; \
         pairwise subjects need at least 8."
    )]
    ShortSalt {
        /// Its length.
        bytes: usize,
        /// Where it comes from.
        origin: Source,
    },
    /// Keys are to be kept in a hardware module, which is not supported; keeping them elsewhere
    /// without a word would be wrong.
    #[error("hsm.enabled is true (from {origin}), but there is no support for PKCS#11 modules.")]
    NoHsm {
        /// Where it comes from.
        origin: Source,
    },
}

impl Refusal {
    /// The exit status that Hydra has for this reason.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::NoDsn | Self::ShortSalt { .. } => 1,
            Self::InsecureIssuer { .. } | Self::UnknownDriver { .. } | Self::NoHsm { .. } => 255,
        }
    }
}

const DRIVERS: [&str; 8] = [
    "sqlite",
    "sqlite3",
    "postgres",
    "postgresql",
    "pgx",
    "pq",
    "mysql",
    "cockroach",
];

/// All reasons, in the order in which Hydra would meet them.
pub(crate) fn check(settings: &Settings, document: &Document) -> Vec<Refusal> {
    let mut found = Vec::new();
    let issuer = settings.urls.issuer();
    // URL schemes have no letter case (RFC 3986 §3.1).
    let https = scheme(issuer).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    if !settings.dev && !https {
        found.push(Refusal::InsecureIssuer {
            issuer: mask::show("urls.self.issuer", &issuer.into()),
            origin: document.source("urls.self.issuer"),
        });
    }
    let dsn = settings.dsn.expose();
    // The scheme alone is looked at: driver syntax such as `tcp(host:3306)` is no URL.
    let driver = dsn.split_once("://").map_or("", |(scheme, _)| scheme);
    if dsn.is_empty() {
        found.push(Refusal::NoDsn);
    } else if dsn != "memory" && !DRIVERS.contains(&driver) {
        let scheme = scheme(dsn).filter(|_| !driver.is_empty());
        found.push(Refusal::UnknownDriver {
            scheme: scheme.unwrap_or_default().to_owned(),
            origin: document.source("dsn"),
        });
    }
    let pairwise = settings
        .oidc
        .supported_types
        .contains(&SubjectType::Pairwise);
    let bytes = settings.oidc.pairwise_salt.expose().len();
    if pairwise && bytes < 8 {
        found.push(Refusal::ShortSalt {
            bytes,
            origin: document.source(SALT),
        });
    }
    if document.get("hsm.enabled").is_some_and(|on| on == true) {
        found.push(Refusal::NoHsm {
            origin: document.source("hsm.enabled"),
        });
    }
    found
}
