use client_registry::ClientPolicy;
use consent_flow::SubjectPolicy;
use crypto::HashAlgorithm;
use oauth_core::{DiscoveryPolicy, TokenPolicy};
use oauth_types::Duration;

/// Everything that an operator decides, in the form that the endpoints need. May be replaced while
/// the server runs ([`crate::Provider::set_policy`]); each request sees one policy throughout.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The token side.
    pub tokens: TokenPolicy,
    /// What discovery says.
    pub discovery: DiscoveryPolicy,
    /// Addresses of this server and of the apps.
    pub urls: Urls,
    /// Names and attributes of cookies.
    pub cookies: CookiePolicy,
    /// How subjects are hidden from pairwise clients.
    pub subjects: SubjectPolicy,
    /// What clients may register.
    pub clients: ClientPolicy,
    /// Whether clients may register and manage themselves (RFC 7591, RFC 7592).
    pub dynamic_registration: bool,
    /// How new client secrets are hashed.
    pub hash: HashAlgorithm,
    /// Whether debug texts are shown to clients.
    pub expose_internal_errors: bool,
    /// How long a login and consent may take together.
    pub login_consent_lifespan: Duration,
    /// The key sets that are published.
    pub broadcast_keys: Vec<String>,
}

/// Addresses, absolute and complete.
#[derive(Clone, Debug, Default)]
pub struct Urls {
    /// The base of the public endpoints; never without path.
    pub public: String,
    /// The base of the admin endpoints.
    pub admin: String,
    /// The authorization endpoint as request URLs name it.
    pub authorize: String,
    /// The login app.
    pub login: String,
    /// The consent app.
    pub consent: String,
    /// The logout app.
    pub logout: String,
    /// Where errors go that no client can be told.
    pub error: String,
    /// Where browsers go after a logout.
    pub post_logout: String,
}

/// The `SameSite` attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// `Strict`.
    Strict,
    /// `Lax`.
    Lax,
    /// `None`.
    None,
    /// No attribute.
    Omitted,
}

/// Names and attributes of cookies; development mode is already reckoned with.
#[derive(Clone, Debug)]
pub struct CookiePolicy {
    /// Of the login session.
    pub session: String,
    /// Of the login step's CSRF value, before the client's number.
    pub login_csrf: String,
    /// Of the consent step's CSRF value, before the client's number.
    pub consent_csrf: String,
    /// `Domain`; empty: none.
    pub domain: String,
    /// Whether cookies are `Secure`.
    pub secure: bool,
    /// `SameSite`.
    pub same_site: SameSite,
    /// Whether CSRF cookies get a twin without `SameSite`, for browsers that misread `None`.
    pub legacy_twins: bool,
}
