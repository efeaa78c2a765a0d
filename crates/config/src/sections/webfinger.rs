use crate::reader::Reader;
use crate::schema::{Initial, Item, Key, Kind, key};
use crate::sections::strategies::{AccessTokenStrategy, Strategies};

pub(crate) const KEYS: &[Key] = &[
    key(
        "webfinger.jwks.broadcast_keys",
        Kind::Texts(Item::Any),
        "Key sets published at /.well-known/jwks.json.",
    )
    .or(Initial::Texts(&[ID_TOKEN_KEYS])),
    key(
        "webfinger.oidc_discovery.jwks_url",
        Kind::UriReference,
        "jwks_uri of the discovery document.",
    ),
    key(
        "webfinger.oidc_discovery.token_url",
        Kind::UriReference,
        "token_endpoint of the discovery document.",
    ),
    key(
        "webfinger.oidc_discovery.auth_url",
        Kind::UriReference,
        "authorization_endpoint of the discovery document; flows return there, too.",
    ),
    key(
        "webfinger.oidc_discovery.userinfo_url",
        Kind::UriReference,
        "userinfo_endpoint of the discovery document.",
    ),
    key(
        "webfinger.oidc_discovery.client_registration_url",
        Kind::UriReference,
        "registration_endpoint of the discovery document.",
    ),
    key(
        "webfinger.oidc_discovery.supported_claims",
        Kind::Texts(Item::Any),
        "Claims named in the discovery document; `sub` is always first.",
    )
    .or(Initial::Texts(&[])),
    key(
        "webfinger.oidc_discovery.supported_scope",
        Kind::Texts(Item::Any),
        "Scopes named in the discovery document, after those of the server.",
    )
    .or(Initial::Texts(&[])),
];

const ID_TOKEN_KEYS: &str = "hydra.openid.id-token";
const ACCESS_TOKEN_KEYS: &str = "hydra.jwt.access-token";

/// `webfinger.*` but its URLs, which are in [`Urls`](crate::Urls). All lists are complete and name
/// nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webfinger {
    /// Key sets to publish; always with that of ID tokens, and that of access tokens if these are
    /// JWTs.
    pub broadcast_keys: Vec<String>,
    /// `claims_supported`; `sub` first.
    pub supported_claims: Vec<String>,
    /// `scopes_supported`; those of the server first.
    pub supported_scope: Vec<String>,
}

impl Webfinger {
    pub(crate) fn read(read: &Reader<'_>, strategies: &Strategies) -> Self {
        let mut broadcast_keys = read.texts("webfinger.jwks.broadcast_keys");
        if strategies.access_token == AccessTokenStrategy::Jwt {
            broadcast_keys.push(ACCESS_TOKEN_KEYS.to_owned());
        }
        broadcast_keys.push(ID_TOKEN_KEYS.to_owned());
        let after = |first: &[&str], path: &str| {
            let first = first.iter().map(|text| (*text).to_owned());
            once_each(first.chain(read.texts(path)))
        };
        Self {
            broadcast_keys: once_each(broadcast_keys),
            supported_claims: after(&["sub"], "webfinger.oidc_discovery.supported_claims"),
            supported_scope: after(
                &["offline_access", "offline", "openid"],
                "webfinger.oidc_discovery.supported_scope",
            ),
        }
    }
}

fn once_each(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}
