use std::sync::Arc;

use client_registry::{Client, ClientPolicy, ClientReplaced, ClientStore};
use crypto::{HashAlgorithm, Jwk, RsaBits, Signer, SystemSecrets};
use jwk_store::{ID_TOKEN_KEYS, KeyRecord, KeySettings, KeyStore};
use memory_store::MemoryStore;
use oauth_core::{
    AccessTokenStrategy, DiscoveryPolicy, JwtGrantPolicy, Lifespans, PkcePolicy, ScopeStrategy,
    TokenPolicy, TokenResponse,
};
use oauth_types::{
    ClientId, Clock, Duration, EntropyExt, Fetch, FormBody, NoFetch, Params, Reach, Secret,
    SecretHash,
};
use provider::{
    AlwaysReady, CookiePolicy, Policy, Provider, ProviderParts, Readiness, SameSite, Stores, Urls,
};

use crate::{FixedClock, Robot, SeededEntropy};

/// The system secret of every world.
pub const SYSTEM_SECRET: &str = "a-system-secret-for-tests-only-0123";

/// An RSA key made once for all tests, so that no test waits for one.
pub const SIGNING_KEY: &str = include_str!("signing_key.json");

/// A server over a memory store whose time and randomness are the test's.
pub struct World {
    /// The server.
    pub provider: Arc<Provider>,
    /// Its storage.
    pub store: MemoryStore,
    /// Its time.
    pub clock: FixedClock,
    entropy: Arc<SeededEntropy>,
}

/// A client and its secret.
#[derive(Clone, Debug)]
pub struct TestClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Where its answers go.
    pub redirect_uri: String,
}

impl TestClient {
    /// Its `Authorization` header.
    #[must_use]
    pub fn basic(&self) -> String {
        use base64::Engine as _;
        let pair = format!("{}:{}", self.id, self.secret);
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        )
    }
}

impl World {
    /// A world with the default policy.
    #[must_use]
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// A world whose policy the test changes.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Policy)) -> Self {
        let mut policy = policy();
        change(&mut policy);
        let store = MemoryStore::default();
        let stores = Stores::all(store.clone());
        Self::over(store, stores, policy)
    }

    /// A world whose provider uses other stores, such as ones that count.
    #[must_use]
    pub fn over(store: MemoryStore, stores: Stores, policy: Policy) -> Self {
        Self::build(
            store,
            stores,
            policy,
            Arc::new(AlwaysReady),
            Arc::new(NoFetch),
        )
    }

    /// A world that reaches other servers, or what the test takes for them.
    #[must_use]
    pub fn with_fetch(fetch: Arc<dyn Fetch>, change: impl FnOnce(&mut Policy)) -> Self {
        let mut policy = policy();
        change(&mut policy);
        let store = MemoryStore::default();
        let stores = Stores::all(store.clone());
        Self::build(store, stores, policy, Arc::new(AlwaysReady), fetch)
    }

    /// A world that is as ready as the test says.
    #[must_use]
    pub fn with_readiness(readiness: Arc<dyn Readiness>) -> Self {
        let store = MemoryStore::default();
        let stores = Stores::all(store.clone());
        Self::build(store, stores, policy(), readiness, Arc::new(NoFetch))
    }

    fn build(
        store: MemoryStore,
        stores: Stores,
        policy: Policy,
        readiness: Arc<dyn Readiness>,
        fetch: Arc<dyn Fetch>,
    ) -> Self {
        let clock = FixedClock::at(1_670_494_272);
        let entropy = Arc::new(SeededEntropy::new(7));
        let provider = Provider::new(ProviderParts {
            stores,
            policy,
            system_secrets: vec![Secret::new(SYSTEM_SECRET)],
            cookie_secrets: Vec::new(),
            keys: KeySettings {
                rsa_bits: RsaBits::Bits2048,
            },
            clock: Arc::new(clock.clone()),
            entropy: entropy.clone(),
            fetch,
            readiness,
        });
        Self {
            provider: Arc::new(provider),
            store,
            clock,
            entropy,
        }
    }

    /// A client for every grant, for `code` and `code token`, with a secret that costs a slow hash.
    ///
    /// # Panics
    /// If the store refuses it, which is a bug.
    pub async fn client(&self, scope: &str) -> TestClient {
        self.client_with(scope, |_| {}).await
    }

    /// The same, but registered otherwise in what the test changes.
    ///
    /// # Panics
    /// If the store refuses it, which is a bug.
    pub async fn client_with(&self, scope: &str, change: impl FnOnce(&mut Client)) -> TestClient {
        self.put_signing_key().await;
        let id = self.entropy.uuid();
        let secret = "a-chosen-secret".to_owned();
        let redirect_uri = "https://app.example/callback".to_owned();
        let mut client = Client::new(ClientId::new(&id));
        client.scope = scope.to_owned();
        client.redirect_uris = vec![redirect_uri.clone()];
        client.grant_types = [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "implicit",
        ]
        .map(str::to_owned)
        .to_vec();
        client.response_types = ["code", "code token"].map(str::to_owned).to_vec();
        client.secret = hashed(&self.entropy, &secret);
        change(&mut client);
        self.put(&client).await;
        TestClient {
            id,
            secret,
            redirect_uri,
        }
    }

    /// Changes a client behind the provider's back, as another replica would.
    ///
    /// # Panics
    /// If there is no such client.
    pub async fn change_client(&self, of: &TestClient, change: impl FnOnce(&mut Client)) {
        let record = self.store.client(&ClientId::new(&of.id)).await;
        let stored = record
            .ok()
            .flatten()
            .and_then(|r| Client::from_record(&r).ok());
        #[expect(clippy::expect_used, reason = "a test that cannot go on")]
        let mut client = stored.expect("a client that was registered");
        let expected = client.version;
        change(&mut client);
        client.version.0 += 1;
        #[expect(clippy::expect_used, reason = "a test that cannot go on")]
        let record = client.to_record().expect("a client can be stored");
        let replaced = self.store.replace(record, expected).await;
        assert!(matches!(replaced, Ok(ClientReplaced::Done)), "{replaced:?}");
    }

    /// The stored form of a client secret.
    #[must_use]
    pub fn hash(&self, secret: &str) -> SecretHash {
        hashed(&self.entropy, secret)
    }

    /// Signs claims as the server signs ID tokens.
    ///
    /// # Panics
    /// If the key of all worlds does not sign, which is a bug.
    #[must_use]
    pub fn sign(&self, claims: &serde_json::Value) -> String {
        let json = serde_json::from_str(SIGNING_KEY).unwrap_or_default();
        let key = Jwk::parse(&json).ok();
        let signer = key.and_then(|key| Signer::new(&key).ok());
        #[expect(clippy::expect_used, reason = "a test that cannot go on")]
        let signer = signer.expect("the test key signs");
        signer.sign_jwt(&claims.to_string()).unwrap_or_default()
    }

    /// Puts a policy in force that the test changes.
    pub fn change_policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut policy = (*self.provider.policy()).clone();
        change(&mut policy);
        self.provider.set_policy(policy);
    }

    async fn put(&self, client: &Client) {
        #[expect(clippy::expect_used, reason = "a test that cannot go on")]
        let record = client
            .to_record()
            .expect("a client without oddities can be stored");
        assert!(
            self.store.create(record).await.is_ok(),
            "a new client is no conflict"
        );
    }

    async fn put_signing_key(&self) {
        let json = serde_json::from_str(SIGNING_KEY).unwrap_or_default();
        if let Ok(key) = Jwk::parse(&json) {
            // A second client finds the key there.
            let record = self.sealed(ID_TOKEN_KEYS, &key);
            let _ = self.store.create_key_set_if_absent(record).await;
        }
    }

    /// Puts a key into a set, sealed as the server seals it.
    ///
    /// # Panics
    /// If the set has a key of that id.
    pub async fn put_key(&self, set: &str, key: &Jwk) {
        let added = self.store.add_key(self.sealed(set, key)).await;
        assert!(added.is_ok(), "a new key is no conflict");
    }

    fn sealed(&self, set: &str, key: &Jwk) -> KeyRecord {
        let secrets = SystemSecrets::new(&[Secret::new(SYSTEM_SECRET)]);
        let sealed = secrets.seal(key.to_json_text().as_bytes(), &*self.entropy);
        KeyRecord {
            set: set.into(),
            kid: key.kid().into(),
            created_at: self.clock.now(),
            sealed: sealed.unwrap_or_default(),
        }
    }

    /// A browser with empty hands, and apps that agree to everything.
    #[must_use]
    pub fn robot(&self) -> Robot {
        Robot::new(self.provider.clone())
    }

    /// Sends a form to the token endpoint.
    ///
    /// # Errors
    /// What the endpoint says.
    pub async fn token(
        &self,
        client: &TestClient,
        form: &[(&str, &str)],
    ) -> Result<TokenResponse, oauth_types::OAuthError> {
        let form = FormBody::Urlencoded(form.iter().copied().collect::<Params>());
        self.provider.token(&form, Some(&client.basic())).await
    }

    /// Walks a user through the code flow and redeems the code.
    ///
    /// # Panics
    /// If the flow fails anywhere.
    pub async fn tokens(&self, client: &TestClient, user: &str, scope: &str) -> TokenResponse {
        let code = self.robot().code(client, user, scope).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", client.redirect_uri.as_str()),
        ];
        match self.token(client, &form).await {
            Ok(tokens) => tokens,
            #[expect(clippy::panic, reason = "a test that cannot go on")]
            Err(error) => panic!("the code was not redeemed: {error}"),
        }
    }

    /// Whether introspection calls a token active.
    ///
    /// # Panics
    /// Never: a form is always sent.
    pub async fn is_active(&self, token: &Secret) -> bool {
        let form = FormBody::Urlencoded(Params::from_iter([("token", token.expose())]));
        matches!(
            self.provider.introspect(&form).await,
            Ok(provider::Introspection::Active(_))
        )
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

fn hashed(entropy: &SeededEntropy, secret: &str) -> SecretHash {
    let algorithm = HashAlgorithm::Pbkdf2 { iterations: 10 };
    crypto::hash_secret(algorithm, &Secret::new(secret), entropy).unwrap_or_default()
}

/// The policy of a world: Hydra's defaults at `https://id.example/`.
#[must_use]
pub fn policy() -> Policy {
    let public = "https://id.example";
    let at = |path: &str| format!("{public}{path}");
    Policy {
        tokens: TokenPolicy {
            issuer: at("/"),
            token_endpoint: at("/oauth2/token"),
            reach: Reach::Everywhere,
            scopes: ScopeStrategy::Wildcard,
            access_tokens: AccessTokenStrategy::Opaque,
            lifespans: Lifespans {
                access_token: Duration::from_secs(3_600),
                refresh_token: Some(Duration::from_secs(720 * 3_600)),
                id_token: Duration::from_secs(3_600),
                auth_code: Duration::from_secs(600),
            },
            pkce: PkcePolicy::default(),
            dev: false,
            exclude_not_before: false,
            allowed_top_level_claims: Vec::new(),
            jwt_grant: JwtGrantPolicy::default(),
            default_grant_allowed_scope: false,
            refresh_hook: None,
            repeat_window: Duration::ZERO,
        },
        discovery: DiscoveryPolicy {
            issuer: at("/"),
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
            admin: "http://admin.example/".into(),
            authorize: at("/oauth2/auth"),
            login: "https://login.example/login".into(),
            consent: "https://login.example/consent".into(),
            logout: "https://login.example/logout".into(),
            error: "https://login.example/error".into(),
            post_logout: "https://login.example/bye".into(),
        },
        cookies: CookiePolicy {
            session: "ory_hydra_session".into(),
            login_csrf: "ory_hydra_login_csrf".into(),
            consent_csrf: "ory_hydra_consent_csrf".into(),
            domain: String::new(),
            secure: true,
            same_site: SameSite::Lax,
            legacy_twins: false,
        },
        subjects: consent_flow::SubjectPolicy::default(),
        clients: ClientPolicy {
            subject_types: vec!["public".into()],
            ..ClientPolicy::default()
        },
        dynamic_registration: true,
        hash: HashAlgorithm::Pbkdf2 { iterations: 10 },
        expose_internal_errors: false,
        login_consent_lifespan: Duration::from_secs(1_800),
        broadcast_keys: vec![ID_TOKEN_KEYS.into()],
    }
}
