//! Key sets over a memory store: made once, the newest private key signs, all verify, sealed at
//! rest.

#![expect(
    clippy::expect_used,
    reason = "helpers of tests, too: what they cannot do ends the test"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use crypto::{Jwk, KeyAlgorithm, RsaBits, SystemSecrets, VerifyError};
use jwk_store::{KeyFault, KeyRecord, KeySets, KeySettings, KeyStore, SetCreated};
use memory_store::MemoryStore;
use oauth_types::{Clock, ErrorCode, OAuthError, Secret, StoreResult, Timestamp};
use test_support::{FixedClock, SIGNING_KEY, SeededEntropy};

const SET: &str = "a-set";
const SECRET: &str = "a-system-secret-for-tests-only";

/// A memory store that counts what is written.
#[derive(Clone, Default)]
struct Counted {
    store: MemoryStore,
    written: Arc<AtomicU32>,
}

#[async_trait]
impl KeyStore for Counted {
    async fn key_set(&self, set: &str) -> StoreResult<Vec<KeyRecord>> {
        self.store.key_set(set).await
    }

    async fn key(&self, set: &str, kid: &str) -> StoreResult<Option<KeyRecord>> {
        self.store.key(set, kid).await
    }

    async fn add_key(&self, key: KeyRecord) -> StoreResult<()> {
        self.written.fetch_add(1, Ordering::SeqCst);
        self.store.add_key(key).await
    }

    async fn create_key_set_if_absent(&self, key: KeyRecord) -> StoreResult<SetCreated> {
        self.written.fetch_add(1, Ordering::SeqCst);
        self.store.create_key_set_if_absent(key).await
    }

    async fn put_key(&self, key: KeyRecord) -> StoreResult<()> {
        self.store.put_key(key).await
    }

    async fn put_key_set(&self, set: &str, keys: Vec<KeyRecord>) -> StoreResult<()> {
        self.store.put_key_set(set, keys).await
    }

    async fn delete_key(&self, set: &str, kid: &str) -> StoreResult<()> {
        self.store.delete_key(set, kid).await
    }

    async fn delete_key_set(&self, set: &str) -> StoreResult<()> {
        self.store.delete_key_set(set).await
    }
}

/// A store, and replicas over it.
struct Lab {
    store: Counted,
    clock: FixedClock,
    secrets: SystemSecrets,
}

impl Lab {
    fn new() -> Self {
        Self {
            store: Counted::default(),
            clock: FixedClock::at(1_670_494_272),
            secrets: SystemSecrets::new(&[Secret::new(SECRET)]),
        }
    }

    fn replica(&self) -> KeySets {
        self.replica_with(&[SECRET])
    }

    fn replica_with(&self, secrets: &[&str]) -> KeySets {
        let secrets: Vec<Secret> = secrets.iter().map(|s| Secret::new(*s)).collect();
        KeySets::new(
            Arc::new(self.store.clone()),
            SystemSecrets::new(&secrets),
            Arc::new(SeededEntropy::new(11)),
            Arc::new(self.clock.clone()),
            KeySettings {
                rsa_bits: RsaBits::Bits2048,
            },
        )
    }

    fn record(&self, key: &Jwk, created_at: Timestamp) -> KeyRecord {
        let entropy = SeededEntropy::new(13);
        let text = key.to_json_text();
        KeyRecord {
            set: SET.into(),
            kid: key.kid().into(),
            created_at,
            sealed: self
                .secrets
                .seal(text.as_bytes(), &entropy)
                .expect("there is a secret"),
        }
    }

    /// Puts a key into the set, now.
    async fn put(&self, key: &Jwk) {
        self.store
            .put_key(self.record(key, self.clock.now()))
            .await
            .expect("a memory");
    }
}

/// The key that was made once for all tests.
fn rsa() -> Jwk {
    Jwk::parse(&serde_json::from_str(SIGNING_KEY).expect("JSON")).expect("a key")
}

/// A key that takes no time to make.
fn quick(kid: &str) -> Jwk {
    crypto::generate(KeyAlgorithm::EdDsa, kid.into(), "sig", RsaBits::Bits2048).expect("a key")
}

fn kid_of(token: &str) -> String {
    let header = crypto::peek(token).expect("a JWT").header;
    header["kid"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_set_is_made_once_for_all_who_need_it_at_the_same_moment() {
    let lab = Lab::new();
    let keys = Arc::new(lab.replica());
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let keys = keys.clone();
        callers.spawn(async move { keys.sign(SET, "{}".into()).await });
    }
    let tokens = callers.join_all().await;
    let tokens: Vec<String> = tokens.into_iter().map(|t| t.expect("signed")).collect();
    assert_eq!(
        lab.store.written.load(Ordering::SeqCst),
        1,
        "generated once"
    );
    assert_eq!(keys.signatures(), 24);
    assert!(tokens.iter().all(|t| kid_of(t) == kid_of(&tokens[0])));
    assert_eq!(keys.stored(SET).await.expect("readable").len(), 1);
}

/// The other replica was faster: its key is as good, and no second one is made.
#[tokio::test]
async fn a_set_that_another_replica_made_is_taken_over() {
    let lab = Lab::new();
    lab.put(&rsa()).await;
    for replica in [lab.replica(), lab.replica()] {
        let token = replica.sign(SET, "{}".into()).await.expect("signed");
        assert_eq!(kid_of(&token), rsa().kid());
    }
    assert_eq!(lab.store.written.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_newest_private_key_signs_and_old_ones_verify() {
    let lab = Lab::new();
    let keys = lab.replica();
    lab.put(&quick("one")).await;
    let old = keys.sign(SET, "{\"n\":1}".into()).await.expect("signed");
    assert_eq!(kid_of(&old), "one");

    lab.clock.advance(10);
    lab.put(&quick("two")).await;
    lab.clock.advance(10);
    // A public key that is newer still signs nothing.
    lab.put(&quick("three").to_public()).await;
    let new = keys.sign(SET, "{\"n\":2}".into()).await.expect("signed");
    assert_eq!(kid_of(&new), "two");
    for (token, n) in [(old, 1), (new, 2)] {
        let verified = keys
            .verify(SET, &token)
            .await
            .expect("readable")
            .expect("good");
        assert_eq!(verified.claims["n"], n);
    }
    let published: Vec<String> = keys
        .signing(SET)
        .await
        .expect("readable")
        .public_keys()
        .map(|key| {
            assert!(!key.is_private());
            key.kid().to_owned()
        })
        .collect();
    assert_eq!(published, ["three", "two", "one"]);
}

#[tokio::test]
async fn a_set_of_public_keys_gets_a_private_one() {
    let lab = Lab::new();
    let keys = lab.replica();
    lab.put(&quick("public").to_public()).await;
    let token = keys.sign(SET, "{}".into()).await.expect("signed");
    assert_ne!(kid_of(&token), "public");
    let stored = keys.stored(SET).await.expect("readable");
    assert_eq!(stored.len(), 2, "the public one stays");
    assert_eq!(stored.iter().filter(|key| key.is_private()).count(), 1);
    assert_eq!(lab.store.written.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn keys_are_sealed_at_rest() {
    let lab = Lab::new();
    lab.replica().signing(SET).await.expect("made");
    let records = lab.store.key_set(SET).await.expect("a memory");
    let [record] = records.as_slice() else {
        panic!("one key, not {}", records.len());
    };
    for member in ["\"d\"", "\"p\"", "kty", "RSA", &record.kid] {
        assert!(!record.sealed.contains(member), "{member}");
    }
    let plain = lab
        .secrets
        .open(&record.sealed)
        .expect("sealed under the system secret");
    let key = serde_json::from_slice::<serde_json::Value>(&plain).expect("JSON");
    assert!(key["d"].is_string() && key["kid"] == *record.kid);
}

#[tokio::test]
async fn a_lost_system_secret_is_named_and_a_rotated_one_still_opens() {
    let lab = Lab::new();
    lab.put(&quick("one")).await;
    let rotated = lab.replica_with(&["a-newer-system-secret", SECRET]);
    assert!(rotated.signing(SET).await.is_ok());

    let lost = lab.replica_with(&["a-newer-system-secret"]);
    let fault = lost.signing(SET).await.expect_err("nothing opens it");
    assert!(
        matches!(&fault, KeyFault::Sealed { set, kid } if set == SET && kid == "one"),
        "{fault:?}"
    );
    let error = OAuthError::from(fault);
    assert!(error.is(ErrorCode::ServerError));
    let said = error.description(false);
    assert!(
        said.contains("Could not ensure that signing keys for 'a-set' exists."),
        "{said}"
    );
    assert!(said.contains("secrets.system"), "{said}");
    assert_eq!(
        lab.store.written.load(Ordering::SeqCst),
        0,
        "no new key hides the loss"
    );

    let none = Lab::new();
    let fault = none
        .replica_with(&[])
        .signing(SET)
        .await
        .expect_err("no secret");
    assert!(matches!(fault, KeyFault::NoSecret { .. }), "{fault:?}");
}

#[tokio::test]
async fn a_key_added_elsewhere_signs_here_after_five_seconds() {
    let lab = Lab::new();
    let here = lab.replica();
    lab.put(&quick("one")).await;
    here.signing(SET).await.expect("readable");
    lab.clock.advance(1);
    lab.put(&quick("two")).await;
    for (later, expected) in [(0, "one"), (3, "one"), (1, "two")] {
        lab.clock.advance(later);
        let token = here.sign(SET, "{}".into()).await.expect("signed");
        assert_eq!(kid_of(&token), expected);
    }
}

/// The other replica has put a key in the place of another: the set is as large as before, and yet
/// what it signs has to be believed here at once.
#[tokio::test]
async fn a_token_of_a_key_that_was_exchanged_elsewhere_verifies_at_once() {
    let lab = Lab::new();
    let (here, there) = (lab.replica(), lab.replica());
    lab.put(&quick("one")).await;
    let old = here.sign(SET, "{}".into()).await.expect("signed");
    let exchanged = vec![lab.record(&quick("two"), lab.clock.now())];
    lab.store
        .put_key_set(SET, exchanged)
        .await
        .expect("a memory");
    let token = there.sign(SET, "{}".into()).await.expect("signed");
    assert_eq!(kid_of(&token), "two");
    assert!(here.verify(SET, &token).await.expect("readable").is_ok());
    let gone = here.verify(SET, &old).await.expect("readable");
    assert_eq!(gone, Err(VerifyError::Signature), "the old key is gone");
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let lab = Lab::new();
    let keys = lab.replica();
    lab.put(&quick("one")).await;
    let token = keys
        .sign(SET, "{\"sub\":\"alice\"}".into())
        .await
        .expect("signed");
    let stranger = crypto::Signer::new(&quick("one")).expect("a private key");
    let forged = stranger.sign_jwt("{\"sub\":\"alice\"}").expect("signed");
    let (head, _) = token.rsplit_once('.').expect("three parts");
    for bad in [forged, format!("{head}."), "nonsense".to_owned()] {
        assert!(
            keys.verify(SET, &bad).await.expect("readable").is_err(),
            "{bad}"
        );
    }
}
