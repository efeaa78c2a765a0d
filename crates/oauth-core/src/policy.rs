//! What an operator decides about tokens. Read anew for each request, so that it may change at run
//! time.

use client_registry::Client;
use oauth_types::{Duration, Reach, Timestamp};

use crate::matching::ScopeStrategy;

/// What access tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenStrategy {
    /// Random texts that only this server understands.
    Opaque,
    /// JSON Web Tokens (RFC 7519) that resource servers can read themselves.
    Jwt,
}

/// Whether PKCE (RFC 7636) is demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PkcePolicy {
    /// Of every client.
    pub enforced: bool,
    /// Of public clients.
    pub enforced_for_public_clients: bool,
}

/// What is demanded of assertions that are grants (RFC 7523 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JwtGrantPolicy {
    /// Whether `jti` may be missing; such an assertion can be used again and again.
    pub jti_optional: bool,
    /// Whether `iat` may be missing; then its time counts from now.
    pub iat_optional: bool,
    /// How long an assertion may live.
    pub max_ttl: Duration,
}

impl Default for JwtGrantPolicy {
    /// Hydra's: everything is demanded, and no more than thirty days.
    fn default() -> Self {
        Self {
            jti_optional: false,
            iat_optional: false,
            max_ttl: Duration::from_secs(720 * 3_600),
        }
    }
}

/// How long things live where a client says nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifespans {
    /// Access tokens.
    pub access_token: Duration,
    /// Refresh tokens; `None`: they never expire.
    pub refresh_token: Option<Duration>,
    /// ID tokens.
    pub id_token: Duration,
    /// Authorization codes.
    pub auth_code: Duration,
}

/// The settings of the token side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// The issuer, as configured.
    pub issuer: String,
    /// The token endpoint below the public URL: what assertions have to be meant for.
    pub token_endpoint: String,
    /// Which machines may be called for a client's keys, and as hooks.
    pub reach: Reach,
    /// How scopes are compared.
    pub scopes: ScopeStrategy,
    /// What access tokens look like.
    pub access_tokens: AccessTokenStrategy,
    /// How long things live.
    pub lifespans: Lifespans,
    /// Whether PKCE is demanded.
    pub pkce: PkcePolicy,
    /// Whether plain-http redirect URIs are acceptable everywhere.
    pub dev: bool,
    /// Whether JWT access tokens go without `nbf`.
    pub exclude_not_before: bool,
    /// Custom claims that JWT access tokens repeat at the top level.
    pub allowed_top_level_claims: Vec<String>,
    /// What is demanded of assertions that are grants.
    pub jwt_grant: JwtGrantPolicy,
    /// Whether client_credentials without `scope` get all scopes of the client.
    pub default_grant_allowed_scope: bool,
    /// An address that is asked before a token is refreshed.
    pub refresh_hook: Option<String>,
    /// For how long a rotated refresh token may be presented again and gets the same answer; zero:
    /// never, as Hydra.
    pub repeat_window: Duration,
}

/// On which occasion a token is made: each has lifespans of its own (tokens of a client override
/// the server's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    FrontChannel,
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    JwtBearer,
}

impl TokenPolicy {
    /// When an access token made now expires. Hydra: rounded to the full second but for machines.
    pub(crate) fn access_expiry(&self, client: &Client, on: Occasion, now: Timestamp) -> Timestamp {
        let own = &client.lifespans;
        let own = match on {
            Occasion::FrontChannel => own.implicit_grant_access_token,
            Occasion::AuthorizationCode => own.authorization_code_grant_access_token,
            Occasion::RefreshToken => own.refresh_token_grant_access_token,
            Occasion::ClientCredentials => own.client_credentials_grant_access_token,
            Occasion::JwtBearer => own.jwt_bearer_grant_access_token,
        };
        let exact = now.plus(own.unwrap_or(self.lifespans.access_token));
        if on == Occasion::ClientCredentials {
            exact
        } else {
            exact.round_to_secs()
        }
    }

    /// When a refresh token made now expires.
    pub(crate) fn refresh_expiry(
        &self,
        client: &Client,
        on: Occasion,
        now: Timestamp,
    ) -> Timestamp {
        let own = match on {
            Occasion::RefreshToken => client.lifespans.refresh_token_grant_refresh_token,
            _ => client.lifespans.authorization_code_grant_refresh_token,
        };
        match own.or(self.lifespans.refresh_token) {
            Some(lifespan) => now.plus(lifespan).round_to_secs(),
            None => Timestamp::NEVER,
        }
    }

    /// When an ID token made now expires. Hydra: a lifespan of zero means an hour.
    pub(crate) fn id_expiry(&self, client: &Client, on: Occasion, now: Timestamp) -> Timestamp {
        let own = &client.lifespans;
        let own = match on {
            Occasion::FrontChannel => own.implicit_grant_id_token,
            Occasion::AuthorizationCode => own.authorization_code_grant_id_token,
            Occasion::RefreshToken => own.refresh_token_grant_id_token,
            Occasion::ClientCredentials | Occasion::JwtBearer => None,
        };
        let lifespan = own.unwrap_or(self.lifespans.id_token);
        now.plus(if lifespan == Duration::ZERO {
            Duration::from_secs(3600)
        } else {
            lifespan
        })
    }
}
