use oauth_types::Duration;

use crate::reader::Reader;
use crate::schema::{Initial, Item, Key, Kind, key};
use crate::word::words;

pub(crate) const KEYS: &[Key] = &[
    key(
        "oauth2.expose_internal_errors",
        Kind::Bool,
        "Append the internal cause to error_description.",
    )
    .or(Initial::Bool(false)),
    key("oauth2.session.encrypt_at_rest", Kind::Bool, "Seal stored sessions.")
        .or(Initial::Bool(true)),
    key(
        "oauth2.exclude_not_before_claim",
        Kind::Bool,
        "Leave nbf out of JWT access tokens.",
    )
    .or(Initial::Bool(false)),
    key(
        "oauth2.allowed_top_level_claims",
        Kind::Texts(Item::Any),
        "Custom claims copied to the top level of JWT access tokens.",
    )
    .or(Initial::Texts(&[])),
    key(
        "oauth2.hashers.algorithm",
        Kind::OneOf(HashAlgorithm::WORDS),
        "Hash of new client secrets; stored ones of the other kind stay valid.",
    )
    .or(Initial::Text("pbkdf2")),
    key("oauth2.hashers.bcrypt.cost", Kind::Integer { min: 4, max: 31 }, "Cost of bcrypt.")
        .or(Initial::Integer(10)),
    key(
        "oauth2.hashers.pbkdf2.iterations",
        Kind::Integer { min: 1, max: 4_294_967_295 },
        "Iterations of PBKDF2.",
    )
    .or(Initial::Integer(25_000)),
    key("oauth2.pkce.enforced", Kind::Bool, "Demand PKCE from every client."),
    key(
        "oauth2.pkce.enforced_for_public_clients",
        Kind::Bool,
        "Demand PKCE from public clients.",
    ),
    key(
        "oauth2.client_credentials.default_grant_allowed_scope",
        Kind::Bool,
        "Grant every scope of the client if it asks for none.",
    ),
    key("oauth2.grant.jwt.jti_optional", Kind::Bool, "Take assertions without jti.")
        .or(Initial::Bool(false)),
    key("oauth2.grant.jwt.iat_optional", Kind::Bool, "Take assertions without iat.")
        .or(Initial::Bool(false)),
    key("oauth2.grant.jwt.max_ttl", Kind::Duration, "Longest lifespan of an assertion.")
        .or(Initial::Text("720h")),
    key("oauth2.refresh_token_hook", Kind::Uri, "Called by POST before a token is refreshed."),
    key(
        "oauth2.refresh_token.repeat_window",
        Kind::Duration,
        "Not of Hydra: for how long the same refresh request is answered alike again; 0s for never.",
    )
    .or(Initial::Text("0s")),
];

words! {
    /// `oauth2.hashers.algorithm`: how new client secrets are hashed.
    HashAlgorithm {
        /// PBKDF2 with SHA-256 (RFC 8018 §5.2).
        Pbkdf2 = "pbkdf2",
        /// bcrypt.
        Bcrypt = "bcrypt",
    } or Pbkdf2
}

/// `oauth2.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// Whether `error_description` ends in the internal cause.
    pub expose_internal_errors: bool,
    /// `oauth2.session.encrypt_at_rest`: whether stored sessions are sealed; read in both forms.
    pub encrypt_session_at_rest: bool,
    /// Whether JWT access tokens have no `nbf`.
    pub exclude_not_before_claim: bool,
    /// Custom claims copied to the top level of JWT access tokens.
    pub allowed_top_level_claims: Vec<String>,
    /// How new client secrets are hashed.
    pub hashers: Hashers,
    /// Who must use PKCE.
    pub pkce: Pkce,
    /// `oauth2.client_credentials.default_grant_allowed_scope`: a client that asks for no scope
    /// gets all of its own.
    pub default_grant_allowed_scope: bool,
    /// `oauth2.grant.jwt`: assertions as grants.
    pub jwt_grant: JwtGrant,
    /// URL that is called before a token is refreshed.
    pub refresh_token_hook: Option<String>,
    /// `oauth2.refresh_token.repeat_window`, which Hydra does not have: for how long a repeated
    /// refresh request gets the same answer; zero for never.
    pub refresh_token_repeat_window: Duration,
}

/// `oauth2.hashers.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashers {
    /// The algorithm for new secrets.
    pub algorithm: HashAlgorithm,
    /// Cost of bcrypt, 4 to 31.
    pub bcrypt_cost: u32,
    /// Iterations of PBKDF2, at least 1.
    pub pbkdf2_iterations: u32,
}

/// `oauth2.pkce.*` (RFC 7636).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pkce {
    /// Whether every client must use it.
    pub enforced: bool,
    /// Whether clients without a secret must use it.
    pub enforced_for_public_clients: bool,
}

/// `oauth2.grant.jwt.*` (RFC 7523).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtGrant {
    /// Whether an assertion may lack `jti`.
    pub jti_optional: bool,
    /// Whether an assertion may lack `iat`.
    pub iat_optional: bool,
    /// Longest lifespan of an assertion.
    pub max_ttl: Duration,
}

impl OAuth2 {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            expose_internal_errors: read.flag("oauth2.expose_internal_errors"),
            encrypt_session_at_rest: read.flag("oauth2.session.encrypt_at_rest"),
            exclude_not_before_claim: read.flag("oauth2.exclude_not_before_claim"),
            allowed_top_level_claims: read.texts("oauth2.allowed_top_level_claims"),
            hashers: Hashers {
                algorithm: HashAlgorithm::read(&read.text("oauth2.hashers.algorithm")),
                bcrypt_cost: read.integer("oauth2.hashers.bcrypt.cost"),
                pbkdf2_iterations: read.integer("oauth2.hashers.pbkdf2.iterations"),
            },
            pkce: Pkce {
                enforced: read.flag("oauth2.pkce.enforced"),
                enforced_for_public_clients: read.flag("oauth2.pkce.enforced_for_public_clients"),
            },
            default_grant_allowed_scope: read
                .flag("oauth2.client_credentials.default_grant_allowed_scope"),
            jwt_grant: JwtGrant {
                jti_optional: read.flag("oauth2.grant.jwt.jti_optional"),
                iat_optional: read.flag("oauth2.grant.jwt.iat_optional"),
                max_ttl: read.duration("oauth2.grant.jwt.max_ttl"),
            },
            refresh_token_hook: read.option("oauth2.refresh_token_hook"),
            refresh_token_repeat_window: read.duration("oauth2.refresh_token.repeat_window"),
        }
    }
}
