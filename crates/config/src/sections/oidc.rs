use oauth_types::Secret;

use crate::reader::Reader;
use crate::schema::{Initial, Item, Key, Kind, key};
use crate::sections::strategies::{AccessTokenStrategy, Strategies};
use crate::word::words;

/// The path of the salt of pairwise subjects.
pub(crate) const SALT: &str = "oidc.subject_identifiers.pairwise.salt";

pub(crate) const KEYS: &[Key] = &[
    key(
        "oidc.subject_identifiers.supported_types",
        Kind::Texts(Item::OneOf(SubjectType::WORDS)),
        "Kinds of subject identifiers that clients may ask for.",
    )
    .or(Initial::Texts(&["public"])),
    key(
        SALT,
        Kind::Text,
        "Salt of pairwise subjects; a change gives all users new ones.",
    )
    .secret(),
    key(
        "oidc.dynamic_client_registration.enabled",
        Kind::Bool,
        "Open the endpoint for dynamic client registration.",
    )
    .or(Initial::Bool(false)),
    key(
        "oidc.dynamic_client_registration.default_scope",
        Kind::Texts(Item::Any),
        "Scope of clients that name none.",
    ),
];

words! {
    /// Kinds of subject identifiers (OpenID Connect Core 1.0 §8).
    SubjectType {
        /// The same for every client.
        Public = "public",
        /// Another one for each sector.
        Pairwise = "pairwise",
    } or Public
}

/// `oidc.*`.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// Kinds of subject identifiers in effect, as configured even if one stands there twice.
    ///
    /// Hydra: pairwise does not go with JWT access tokens and is dropped. Where Hydra then has
    /// none left, public is supported here.
    pub supported_types: Vec<SubjectType>,
    /// Salt of pairwise subjects; empty if none.
    pub pairwise_salt: Secret,
    /// Whether clients may register themselves.
    pub dynamic_client_registration: bool,
    /// Scope of clients that name none, duplicates kept.
    pub default_scope: Vec<String>,
}

impl Oidc {
    pub(crate) fn read(read: &Reader<'_>, strategies: &Strategies) -> Self {
        let jwt = strategies.access_token == AccessTokenStrategy::Jwt;
        let types = read.texts("oidc.subject_identifiers.supported_types");
        let mut supported_types: Vec<SubjectType> = types
            .iter()
            .map(|word| SubjectType::read(word))
            .filter(|kind| !(jwt && *kind == SubjectType::Pairwise))
            .collect();
        if supported_types.is_empty() {
            supported_types.push(SubjectType::Public);
        }
        let default_scope = read.option_texts("oidc.dynamic_client_registration.default_scope");
        Self {
            supported_types,
            pairwise_salt: read.secret(SALT),
            dynamic_client_registration: read.flag("oidc.dynamic_client_registration.enabled"),
            default_scope: default_scope.unwrap_or_else(|| {
                ["offline_access", "offline", "openid"]
                    .map(str::to_owned)
                    .to_vec()
            }),
        }
    }
}
