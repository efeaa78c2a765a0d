//! Typed settings from files, flags and the environment, under Ory Hydra's key names.
//!
//! Four layers are laid over each other, the later wins: the defaults of the schema, the files in
//! the order given, the flags, the environment. The result is checked as a whole, and every
//! finding is reported together with the place it came from. No other crate reads the
//! environment.
//!
//! ```
//! use config::{Flags, Settings};
//! use serde_json::json;
//!
//! let settings = Settings::from_value(json!({
//!     "dsn": "memory",
//!     "urls": { "self": { "issuer": "https://id.example" } },
//! }))?;
//! assert_eq!(settings.serve.public.port, 4444);
//! assert_eq!(settings.urls.token_url(), "https://id.example/oauth2/token");
//!
//! let variables = [("DSN".to_owned(), "memory".to_owned()), ("TTL_ID_TOKEN".to_owned(), "5m".to_owned())];
//! let settings = config::load(&[], variables.into_iter(), &Flags { dev: true, dsn: None }, true)?;
//! assert_eq!(settings.ttl.id_token.as_secs(), 300);
//! assert_eq!(settings.urls.issuer(), "http://localhost:4444/");
//! # Ok::<(), config::ConfigError>(())
//! ```

mod document;
mod duration;
mod environment;
mod error;
mod file;
mod load;
mod mask;
mod reader;
mod refusal;
mod reload;
mod schema;
mod sections;
mod settings;
mod uri;
mod validate;
mod warning;
mod word;
mod yaml;

pub use environment::environment;
pub use error::{ConfigError, Finding, Source};
pub use load::{Flags, load};
pub use refusal::Refusal;
pub use reload::Change;
pub use schema::{Initial, Item, Key, Kind, is_open, keys};
pub use sections::clients::Clients;
pub use sections::cookies::{Cookies, SameSite};
pub use sections::cors::Cors;
pub use sections::hydrus::Hydrus;
pub use sections::log::{Log, LogFormat, LogLevel};
pub use sections::oauth2::{HashAlgorithm, Hashers, JwtGrant, OAuth2, Pkce};
pub use sections::oidc::{Oidc, SubjectType};
pub use sections::secrets::Secrets;
pub use sections::serve::{Interface, Listen, Serve, Socket};
pub use sections::strategies::{AccessTokenStrategy, ScopeStrategy, Strategies};
pub use sections::tls::{Tls, TlsPair};
pub use sections::tracing::{Tracing, TracingProvider};
pub use sections::ttl::Ttl;
pub use sections::urls::Urls;
pub use sections::webfinger::Webfinger;
pub use settings::Settings;
