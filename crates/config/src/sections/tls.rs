use std::path::PathBuf;

use oauth_types::Secret;

use crate::reader::Reader;
use crate::schema::{Item, Key, Kind, key};

macro_rules! tls {
    ($path:literal) => {
        &[
            key(concat!($path, ".enabled"), Kind::Bool, "Serve HTTPS."),
            key(
                concat!($path, ".cert.path"),
                Kind::Text,
                "PEM file of the certificate chain.",
            ),
            key(
                concat!($path, ".cert.base64"),
                Kind::Text,
                "PEM of the certificate chain in padded base64.",
            ),
            key(
                concat!($path, ".key.path"),
                Kind::Text,
                "PEM file of the private key.",
            ),
            key(
                concat!($path, ".key.base64"),
                Kind::Text,
                "PEM of the private key in padded base64.",
            )
            .secret(),
            key(
                concat!($path, ".allow_termination_from"),
                Kind::Texts(Item::Cidr),
                "Address blocks of proxies that end TLS.",
            ),
        ]
    };
}

pub(crate) const SHARED: &[Key] = tls!("serve.tls");
pub(crate) const PUBLIC: &[Key] = tls!("serve.public.tls");
pub(crate) const ADMIN: &[Key] = tls!("serve.admin.tls");

/// `serve.X.tls`, with `serve.tls` as fallback for every key.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Whether the listener speaks TLS.
    pub enabled: bool,
    /// The certificate and its key.
    pub pair: TlsPair,
    /// Address blocks as configured.
    ///
    /// Hydra: they have no effect on TCP listeners.
    pub allow_termination_from: Vec<String>,
}

/// Where a certificate and its private key come from.
#[derive(Clone, Debug)]
pub enum TlsPair {
    /// PEM files, to be read again when the certificate changes.
    Files {
        /// The certificate chain.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// Padded base64 of PEM texts.
    Inline {
        /// The certificate chain.
        cert: String,
        /// The private key.
        key: Secret,
    },
    /// Nothing is configured, or (Hydra) half of a pair: a certificate of our own making.
    SelfSigned,
}

impl Tls {
    pub(crate) fn read(read: &Reader<'_>, path: &str) -> Self {
        let own = |name: &str| format!("{path}.{name}");
        let shared = |name: &str| format!("serve.tls.{name}");
        let text = |name: &str| {
            [own(name), shared(name)]
                .iter()
                .find_map(|path| read.option(path).filter(|text| !text.is_empty()))
        };
        let pair = match (text("cert.path"), text("key.path")) {
            (Some(cert), Some(key)) => TlsPair::Files {
                cert: cert.into(),
                key: key.into(),
            },
            _ => match (text("cert.base64"), text("key.base64")) {
                (Some(cert), Some(key)) => TlsPair::Inline {
                    cert,
                    key: Secret::new(key),
                },
                _ => TlsPair::SelfSigned,
            },
        };
        Self {
            enabled: read
                .option_flag(&own("enabled"))
                .or_else(|| read.option_flag(&shared("enabled")))
                .unwrap_or_default(),
            pair,
            allow_termination_from: read
                .option_texts(&own("allow_termination_from"))
                .unwrap_or_else(|| read.texts(&shared("allow_termination_from"))),
        }
    }
}
