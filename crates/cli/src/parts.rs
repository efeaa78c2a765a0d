//! Settings turned into parts: the only place that knows both.

use std::sync::Arc;

use async_trait::async_trait;
use config::Settings;
use crypto::{HashAlgorithm, OsEntropy, RsaBits};
use http_client::HttpClient;
use jwk_store::KeySettings;
use memory_store::MemoryStore;
use oauth_core::{
    AccessTokenStrategy, DiscoveryPolicy, JwtGrantPolicy, Lifespans, PkcePolicy, ScopeStrategy,
    TokenPolicy,
};
use oauth_types::{Reach, Secret, SystemClock};
use persistence::{Db, Dsn};
use provider::{
    CookiePolicy, NotReady, Policy, Provider, ProviderParts, Readiness, SameSite, Stores, Urls,
};
use server::CorsOptions;

use crate::output::Failure;

/// Where everything is kept, and how to ask whether it can be reached.
#[derive(Clone)]
pub(crate) enum Storage {
    /// In this process; gone with it.
    Memory(MemoryStore),
    /// In a database.
    Sql(Db),
}

impl Storage {
    /// Opens what a data source name names.
    pub(crate) async fn open(dsn: &Secret) -> Result<Self, Failure> {
        if dsn.expose() == "memory" {
            return Ok(Self::Memory(MemoryStore::default()));
        }
        let dsn = Dsn::parse(dsn.expose()).map_err(|error| {
            Failure::wrong(format!("Unable to create service registry.\ndsn: {error}"))
        })?;
        let db = Db::open(&dsn).await.map_err(|error| {
            Failure::wrong(format!("Unable to create service registry.\ndsn: {error}"))
        })?;
        Ok(Self::Sql(db))
    }

    /// Refuses a database whose tables are not there.
    pub(crate) async fn check_migrated(&self) -> Result<(), Failure> {
        let Self::Sql(db) = self else { return Ok(()) };
        let pending = db.pending_migrations().await.map_err(Failure::wrong)?;
        if pending.is_empty() {
            return Ok(());
        }
        Err(Failure::wrong(format!(
            "Unable to create service registry.\nUnable to locate the table: the database lacks {} \
             of this version's changes. Run `hydrus migrate sql -e --yes` with the same DSN first.",
            pending.len()
        )))
    }

    /// The stores, for a provider.
    fn stores(&self) -> Stores {
        match self {
            Self::Memory(store) => Stores::all(store.clone()),
            Self::Sql(db) => Stores::all(db.clone()),
        }
    }
}

#[async_trait]
impl Readiness for Storage {
    async fn check(&self) -> Result<(), NotReady> {
        let Self::Sql(db) = self else { return Ok(()) };
        let failed = |check, error: &dyn std::fmt::Display| NotReady {
            errors: vec![(check, error.to_string())],
        };
        db.ping()
            .await
            .map_err(|error| failed("database", &error))?;
        match db.is_migrated().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(failed(
                "migrations",
                &"migrations have not yet been fully applied",
            )),
            Err(error) => Err(failed("migrations", &error)),
        }
    }
}

/// Joins a provider.
pub(crate) fn provider(settings: &Settings, storage: &Storage) -> Provider {
    Provider::new(ProviderParts {
        stores: storage.stores(),
        policy: policy(settings),
        system_secrets: settings.secrets.system.clone(),
        cookie_secrets: settings.secrets.cookie.clone(),
        keys: KeySettings {
            rsa_bits: rsa_bits(settings),
        },
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        fetch: Arc::new(HttpClient::default()),
        readiness: Arc::new(storage.clone()),
    })
}

/// What the settings of a listener mean for pages of other origins.
pub(crate) fn cors(settings: &config::Cors) -> Option<CorsOptions> {
    settings.enabled.then(|| CorsOptions {
        allowed_origins: settings.allowed_origins.clone(),
        allowed_methods: settings.allowed_methods.clone(),
        allowed_headers: settings.allowed_headers.clone(),
        exposed_headers: settings.exposed_headers.clone(),
        allow_credentials: settings.allow_credentials,
        max_age_s: settings.max_age_s,
        debug: settings.debug,
    })
}

fn rsa_bits(settings: &Settings) -> RsaBits {
    match settings.hydrus.rsa_bits {
        2048 => RsaBits::Bits2048,
        3072 => RsaBits::Bits3072,
        _ => RsaBits::Bits4096,
    }
}

/// What the settings mean for the endpoints.
pub(crate) fn policy(settings: &Settings) -> Policy {
    let urls = &settings.urls;
    let pairwise = settings
        .oidc
        .supported_types
        .contains(&config::SubjectType::Pairwise);
    let salt = settings.oidc.pairwise_salt.expose().to_owned();
    let hashers = &settings.oauth2.hashers;
    Policy {
        tokens: tokens(settings),
        discovery: discovery(settings),
        urls: Urls {
            public: urls.public().to_owned(),
            admin: urls.admin().to_owned(),
            authorize: urls.auth_url().to_owned(),
            login: urls.login().to_owned(),
            consent: urls.consent().to_owned(),
            logout: urls.logout().to_owned(),
            error: urls.error().to_owned(),
            post_logout: urls.post_logout_redirect().to_owned(),
        },
        cookies: cookies(settings),
        subjects: consent_flow::SubjectPolicy {
            pairwise_salt: pairwise.then_some(salt),
        },
        clients: client_registry::ClientPolicy {
            default_scope: settings.oidc.default_scope.clone(),
            subject_types: subject_types(settings),
            reach: reach(settings),
        },
        dynamic_registration: settings.oidc.dynamic_client_registration,
        hash: match hashers.algorithm {
            config::HashAlgorithm::Pbkdf2 => HashAlgorithm::Pbkdf2 {
                iterations: hashers.pbkdf2_iterations,
            },
            config::HashAlgorithm::Bcrypt => HashAlgorithm::Bcrypt {
                cost: hashers.bcrypt_cost,
            },
        },
        expose_internal_errors: settings.oauth2.expose_internal_errors,
        login_consent_lifespan: settings.ttl.login_consent_request,
        broadcast_keys: settings.webfinger.broadcast_keys.clone(),
    }
}

fn tokens(settings: &Settings) -> TokenPolicy {
    TokenPolicy {
        issuer: settings.urls.issuer().to_owned(),
        // Hydra: `webfinger.oidc_discovery.token_url` does not count here.
        token_endpoint: format!(
            "{}/oauth2/token",
            settings.urls.public().trim_end_matches('/')
        ),
        reach: reach(settings),
        scopes: match settings.strategies.scope {
            config::ScopeStrategy::Exact => ScopeStrategy::Exact,
            config::ScopeStrategy::Wildcard => ScopeStrategy::Wildcard,
        },
        access_tokens: match settings.strategies.access_token {
            config::AccessTokenStrategy::Opaque => AccessTokenStrategy::Opaque,
            config::AccessTokenStrategy::Jwt => AccessTokenStrategy::Jwt,
        },
        lifespans: Lifespans {
            access_token: settings.ttl.access_token,
            refresh_token: settings.ttl.refresh_token,
            id_token: settings.ttl.id_token,
            auth_code: settings.ttl.auth_code,
        },
        pkce: PkcePolicy {
            enforced: settings.oauth2.pkce.enforced,
            enforced_for_public_clients: settings.oauth2.pkce.enforced_for_public_clients,
        },
        dev: settings.dev,
        exclude_not_before: settings.oauth2.exclude_not_before_claim,
        allowed_top_level_claims: settings.oauth2.allowed_top_level_claims.clone(),
        jwt_grant: JwtGrantPolicy {
            jti_optional: settings.oauth2.jwt_grant.jti_optional,
            iat_optional: settings.oauth2.jwt_grant.iat_optional,
            max_ttl: settings.oauth2.jwt_grant.max_ttl,
        },
        default_grant_allowed_scope: settings.oauth2.default_grant_allowed_scope,
        refresh_hook: settings.oauth2.refresh_token_hook.clone(),
        repeat_window: settings.oauth2.refresh_token_repeat_window,
    }
}

fn reach(settings: &Settings) -> Reach {
    if settings.clients.disallow_private_ip_ranges {
        Reach::PublicOnly
    } else {
        Reach::Everywhere
    }
}

fn discovery(settings: &Settings) -> DiscoveryPolicy {
    let urls = &settings.urls;
    DiscoveryPolicy {
        issuer: urls.issuer().to_owned(),
        authorization_endpoint: urls.auth_url().to_owned(),
        registration_endpoint: urls.client_registration_url().map(str::to_owned),
        token_endpoint: urls.token_url().to_owned(),
        jwks_uri: urls.jwks_url().to_owned(),
        subject_types: subject_types(settings),
        claims: settings.webfinger.supported_claims.clone(),
        userinfo_endpoint: urls.userinfo_url().to_owned(),
        scopes: settings.webfinger.supported_scope.clone(),
        revocation_endpoint: urls.revocation_url(),
        end_session_endpoint: urls.end_session_url(),
    }
}

fn subject_types(settings: &Settings) -> Vec<String> {
    settings
        .oidc
        .supported_types
        .iter()
        .map(|kind| kind.as_str().to_owned())
        .collect()
}

fn cookies(settings: &Settings) -> CookiePolicy {
    let cookies = &settings.serve.cookies;
    CookiePolicy {
        session: cookies.session.clone(),
        login_csrf: cookies.login_csrf.clone(),
        consent_csrf: cookies.consent_csrf.clone(),
        domain: cookies.domain.clone(),
        secure: cookies.secure,
        same_site: match cookies.same_site {
            config::SameSite::Strict => SameSite::Strict,
            config::SameSite::Lax => SameSite::Lax,
            config::SameSite::None => SameSite::None,
        },
        legacy_twins: cookies.legacy_copies,
    }
}
