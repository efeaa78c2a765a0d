//! One file per section: its rows of the table of keys, and its typed form.

pub(crate) mod clients;
pub(crate) mod cookies;
pub(crate) mod cors;
pub(crate) mod hydrus;
pub(crate) mod log;
pub(crate) mod oauth2;
pub(crate) mod oidc;
pub(crate) mod secrets;
pub(crate) mod serve;
pub(crate) mod strategies;
pub(crate) mod tls;
pub(crate) mod top;
pub(crate) mod tracing;
pub(crate) mod ttl;
pub(crate) mod urls;
pub(crate) mod webfinger;

use crate::schema::Key;

/// The rows of all sections; keys of one object stand together.
pub(crate) const TABLES: &[&[Key]] = &[
    top::KEYS,
    log::KEYS,
    serve::PUBLIC,
    cors::PUBLIC,
    tls::PUBLIC,
    serve::ADMIN,
    cors::ADMIN,
    tls::ADMIN,
    tls::SHARED,
    cookies::KEYS,
    clients::KEYS,
    webfinger::KEYS,
    oidc::KEYS,
    urls::KEYS,
    strategies::KEYS,
    ttl::KEYS,
    oauth2::KEYS,
    secrets::KEYS,
    tracing::KEYS,
    hydrus::KEYS,
];
