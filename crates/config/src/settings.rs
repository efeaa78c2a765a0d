use oauth_types::Secret;
use serde_json::Value;

use crate::document::Document;
use crate::error::{ConfigError, Source};
use crate::reader::Reader;
use crate::sections::clients::Clients;
use crate::sections::hydrus::Hydrus;
use crate::sections::log::Log;
use crate::sections::oauth2::OAuth2;
use crate::sections::oidc::Oidc;
use crate::sections::secrets::Secrets;
use crate::sections::serve::Serve;
use crate::sections::strategies::Strategies;
use crate::sections::tracing::Tracing;
use crate::sections::ttl::Ttl;
use crate::sections::urls::Urls;
use crate::sections::webfinger::Webfinger;
use crate::{refusal, validate, warning};

/// The whole configuration, with every default filled in. Secrets do not show in `Debug`.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `dsn`: the data source name, which may hold a password; empty only if nobody checked.
    pub dsn: Secret,
    /// `dev`: development mode.
    pub dev: bool,
    /// `profiling`: what to profile, `cpu` or `mem`.
    pub profiling: Option<String>,
    /// `db.ignore_unknown_table_columns`: tolerate columns that this build does not know.
    pub ignore_unknown_table_columns: bool,
    /// `log.*`.
    pub log: Log,
    /// `serve.*`: both listeners and the cookies.
    pub serve: Serve,
    /// `urls.*`, and the URLs of `webfinger.oidc_discovery`, with all fallbacks.
    pub urls: Urls,
    /// `secrets.*`.
    pub secrets: Secrets,
    /// `oauth2.*`.
    pub oauth2: OAuth2,
    /// `oidc.*`.
    pub oidc: Oidc,
    /// `ttl.*`.
    pub ttl: Ttl,
    /// `strategies.*`.
    pub strategies: Strategies,
    /// `webfinger.*` but its URLs.
    pub webfinger: Webfinger,
    /// `clients.*`.
    pub clients: Clients,
    /// `tracing.*`.
    pub tracing: Tracing,
    /// `hydrus.*`: keys that Hydra does not have.
    pub hydrus: Hydrus,
    /// What deserves a line in the log: allowed, but probably not meant.
    pub warnings: Vec<String>,
    pub(crate) document: Document,
}

impl Settings {
    /// Settings from a value instead of files: for tests and for embedding.
    ///
    /// # Errors
    /// As [`load`](crate::load()) with `validate`.
    pub fn from_value(value: Value) -> Result<Self, ConfigError> {
        let mut document = Document::defaults();
        document.merge(value, &|_| Source::Given);
        Self::checked(document)
    }

    pub(crate) fn checked(document: Document) -> Result<Self, ConfigError> {
        let findings = validate::check(&document);
        if !findings.is_empty() {
            return Err(ConfigError::Invalid(findings));
        }
        let settings = Self::unchecked(document);
        let refusals = refusal::check(&settings, &settings.document);
        if !refusals.is_empty() {
            return Err(ConfigError::Refused(refusals));
        }
        Ok(settings)
    }

    pub(crate) fn unchecked(document: Document) -> Self {
        let read = Reader(&document);
        let dev = read.flag("dev");
        let serve = Serve::read(&read);
        let strategies = Strategies::read(&read);
        let mut settings = Self {
            dsn: read.secret("dsn"),
            dev,
            profiling: read.option("profiling"),
            ignore_unknown_table_columns: read.flag("db.ignore_unknown_table_columns"),
            log: Log::read(&read),
            urls: Urls::read(&read, &serve, dev),
            secrets: Secrets::read(&read),
            oauth2: OAuth2::read(&read),
            oidc: Oidc::read(&read, &strategies),
            ttl: Ttl::read(&read),
            webfinger: Webfinger::read(&read, &strategies),
            clients: Clients::read(&read),
            tracing: Tracing::read(&read),
            hydrus: Hydrus::read(&read),
            serve,
            strategies,
            warnings: Vec::new(),
            document,
        };
        settings.warnings = warning::check(&settings);
        settings
    }
}
