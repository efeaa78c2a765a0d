//! What the provider is made of: everything that `hydrus` reads from its configuration, as values.

use std::sync::Arc;

use client_registry::{Client, ClientDraft, ClientPolicy};
use consent_flow::SubjectPolicy;
use crypto::{HashAlgorithm, OsEntropy, RsaBits};
use jwk_store::KeySettings;
use oauth_core::{
    AccessTokenStrategy, DiscoveryPolicy, JwtGrantPolicy, Lifespans, PkcePolicy, ScopeStrategy,
    TokenPolicy,
};
use oauth_types::{
    ClientId, Duration, EntropyExt, NoFetch, OAuthError, Reach, Secret, SystemClock,
};
use provider::{
    AlwaysReady, ClientCreated, CookiePolicy, Policy, Provider, ProviderParts, SameSite, Stores,
    Urls,
};

/// Joins a provider whose endpoints lie below `base`.
pub(crate) fn provider(base: &str, stores: Stores) -> Provider {
    // In earnest: from wherever your service has its secrets, and the same after a restart.
    let system_secret = OsEntropy.text(32, b"abcdefghijklmnopqrstuvwxyz0123456789");
    Provider::new(ProviderParts {
        stores,
        policy: policy(base),
        system_secrets: vec![Secret::new(system_secret)],
        cookie_secrets: Vec::new(),
        keys: KeySettings {
            rsa_bits: RsaBits::Bits2048,
        },
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        // Calls nobody, so clients cannot register addresses of their keys. In earnest:
        // `http_client::HttpClient::default()`.
        fetch: Arc::new(NoFetch),
        // Memory cannot fail. A database would be asked here.
        readiness: Arc::new(AlwaysReady),
    })
}

/// Registers a client that may get tokens for itself. The provider chooses its id and its secret.
pub(crate) async fn add_client(provider: &Provider) -> Result<ClientCreated, OAuthError> {
    let client = Client {
        name: "Worker that handles orders".into(),
        scope: "orders.read".into(),
        grant_types: vec!["client_credentials".into()],
        ..Client::new(ClientId::new(""))
    };
    let draft = ClientDraft {
        chosen_id: String::new(),
        secret: Secret::new(""),
        client,
    };
    provider.create_client(draft).await
}

/// The decisions of the operator, which are Hydra's defaults here.
fn policy(base: &str) -> Policy {
    let at = |path: &str| format!("{base}{path}");
    Policy {
        tokens: TokenPolicy {
            issuer: base.to_owned(),
            token_endpoint: at("/oauth2/token"),
            reach: Reach::PublicOnly,
            scopes: ScopeStrategy::Wildcard,
            access_tokens: AccessTokenStrategy::Opaque,
            lifespans: Lifespans {
                access_token: Duration::from_secs(3_600),
                refresh_token: Some(Duration::from_secs(720 * 3_600)),
                id_token: Duration::from_secs(3_600),
                auth_code: Duration::from_secs(600),
            },
            pkce: PkcePolicy::default(),
            // This example speaks plain HTTP on loopback. In earnest: false.
            dev: true,
            exclude_not_before: false,
            allowed_top_level_claims: Vec::new(),
            jwt_grant: JwtGrantPolicy::default(),
            default_grant_allowed_scope: false,
            refresh_hook: None,
            repeat_window: Duration::ZERO,
        },
        discovery: DiscoveryPolicy {
            issuer: base.to_owned(),
            authorization_endpoint: at("/oauth2/auth"),
            token_endpoint: at("/oauth2/token"),
            jwks_uri: at("/.well-known/jwks.json"),
            subject_types: vec!["public".into()],
            userinfo_endpoint: at("/userinfo"),
            revocation_endpoint: at("/oauth2/revoke"),
            end_session_endpoint: at("/oauth2/sessions/logout"),
            ..DiscoveryPolicy::default()
        },
        urls: Urls {
            public: at("/"),
            admin: at("/"),
            authorize: at("/oauth2/auth"),
            // Where browsers would be sent; this example serves no browsers.
            login: at("/login"),
            consent: at("/consent"),
            logout: at("/logout"),
            error: at("/error"),
            post_logout: at("/logged-out"),
        },
        cookies: CookiePolicy {
            session: "session".into(),
            login_csrf: "login_csrf".into(),
            consent_csrf: "consent_csrf".into(),
            domain: String::new(),
            secure: false,
            same_site: SameSite::Lax,
            legacy_twins: false,
        },
        subjects: SubjectPolicy::default(),
        clients: ClientPolicy {
            subject_types: vec!["public".into()],
            ..ClientPolicy::default()
        },
        dynamic_registration: false,
        hash: HashAlgorithm::Pbkdf2 { iterations: 25_000 },
        expose_internal_errors: false,
        login_consent_lifespan: Duration::from_secs(1_800),
        broadcast_keys: Vec::new(),
    }
}
