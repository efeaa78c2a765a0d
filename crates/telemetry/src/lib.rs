//! Log lines on standard error, what must not stand in them, and metrics.
//!
//! ```
//! use telemetry::{LogSettings, Redaction, init};
//!
//! let settings = LogSettings::default().level("warn").format("json");
//! init(&settings);
//! tracing::warn!(client.id = "web", "the secret of this client is short");
//!
//! let redaction = Redaction::new(&settings);
//! assert_eq!(redaction.redact_query(""), None);
//! assert_ne!(redaction.redact_query("code=x").as_deref(), Some("code=x"));
//! ```
//!
//! Messages read alone; fields are for queries and are named in [`names`]. Never logged: secrets,
//! codes, tokens, cookies, query strings, bodies; of a signature eight characters are enough.

mod histogram;
mod http_metrics;
mod layer;
mod line;
pub mod names;
mod redact;
mod settings;

pub use http_metrics::{HttpExchange, HttpMetrics, METRICS_MEDIA_TYPE, UNMATCHED};
pub use layer::{init, subscriber};
pub use redact::Redaction;
pub use settings::{Format, LogSettings};
