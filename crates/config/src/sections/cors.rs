use crate::reader::Reader;
use crate::schema::{Initial, Item, Key, Kind, key};

const METHODS: &[&str] = &[
    "POST", "GET", "PUT", "PATCH", "DELETE", "CONNECT", "HEAD", "OPTIONS", "TRACE",
];

macro_rules! cors {
    ($path:literal) => {
        &[
            key(
                concat!($path, ".enabled"),
                Kind::Bool,
                "Answer cross-origin requests.",
            )
            .or(Initial::Bool(false)),
            key(
                concat!($path, ".allowed_origins"),
                Kind::Texts(Item::Origin),
                "Origins; `*` in one stands for a part of a host name. None admits all.",
            )
            .or(Initial::Texts(&[])),
            key(
                concat!($path, ".allowed_methods"),
                Kind::Texts(Item::OneOf(METHODS)),
                "Methods that other origins may use.",
            )
            .or(Initial::Texts(METHODS)),
            key(
                concat!($path, ".allowed_headers"),
                Kind::Texts(Item::Any),
                "Headers that other origins may send; `*` admits all.",
            )
            .or(Initial::Texts(&[
                "Accept",
                "Content-Type",
                "Content-Length",
                "Accept-Language",
                "Content-Language",
                "Authorization",
            ])),
            key(
                concat!($path, ".exposed_headers"),
                Kind::Texts(Item::Any),
                "Headers of the answer that other origins may read.",
            )
            .or(Initial::Texts(&[
                "Cache-Control",
                "Expires",
                "Last-Modified",
                "Pragma",
                "Content-Length",
                "Content-Language",
                "Content-Type",
            ])),
            key(
                concat!($path, ".allow_credentials"),
                Kind::Bool,
                "Let other origins send cookies and credentials.",
            )
            .or(Initial::Bool(true)),
            key(
                concat!($path, ".max_age"),
                Kind::Integer {
                    min: 0,
                    max: i64::MAX,
                },
                "Seconds for which a browser may keep a preflight answer; 0 leaves it unsaid.",
            )
            .or(Initial::Integer(0)),
            key(concat!($path, ".debug"), Kind::Bool, "Log every decision.")
                .or(Initial::Bool(false)),
        ]
    };
}

pub(crate) const PUBLIC: &[Key] = cors!("serve.public.cors");
pub(crate) const ADMIN: &[Key] = cors!("serve.admin.cors");

/// `serve.X.cors`: cross-origin requests (WHATWG Fetch §3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Whether there is any cross-origin answer at all.
    pub enabled: bool,
    /// Origins in lower or upper case as configured; empty admits all.
    pub allowed_origins: Vec<String>,
    /// Methods in upper case.
    pub allowed_methods: Vec<String>,
    /// Headers; `*` admits all, `Origin` is always admitted.
    pub allowed_headers: Vec<String>,
    /// Headers of the answer that a page may read.
    pub exposed_headers: Vec<String>,
    /// `Access-Control-Allow-Credentials`.
    pub allow_credentials: bool,
    /// Seconds for `Access-Control-Max-Age`; 0 leaves the header out.
    pub max_age_s: u64,
    /// Whether every decision is logged.
    pub debug: bool,
}

impl Cors {
    pub(crate) fn read(read: &Reader<'_>, path: &str) -> Self {
        let at = |name: &str| format!("{path}.{name}");
        Self {
            enabled: read.flag(&at("enabled")),
            allowed_origins: read.texts(&at("allowed_origins")),
            allowed_methods: read.texts(&at("allowed_methods")),
            allowed_headers: read.texts(&at("allowed_headers")),
            exposed_headers: read.texts(&at("exposed_headers")),
            allow_credentials: read.flag(&at("allow_credentials")),
            max_age_s: read.integer(&at("max_age")),
            debug: read.flag(&at("debug")),
        }
    }
}
