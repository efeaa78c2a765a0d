use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use oauth_types::{ClientId, Duration, Entropy, Secret, SecretHash, Timestamp};
use ring::hmac;

use crate::secret_hash::{HashAlgorithm, is_keyed, unmatchable, verify_secret};
use crate::system_secrets::SystemSecrets;
use crate::work_pool::WorkPool;

/// How long a verified secret is remembered.
const REMEMBERED: Duration = Duration::from_secs(300);
/// How many verified secrets are remembered.
const MOST: usize = 10_000;
/// How many slow checks may wait.
const QUEUE: usize = 256;

/// Checks client secrets, the slow ones once in five minutes.
///
/// A slow hash costs as much as fifty other requests. So a secret that was verified is remembered
/// by a MAC under a key that no one else has and that is lost with the process, over client,
/// stored hash and secret: changing or deleting the stored hash forgets it at once. Failures are
/// never remembered. Slow checks run off the I/O threads, as many at once as there are cores.
///
/// Every failure costs one slow hash, be the client unknown, its secret a generated one or a chosen
/// one, so that its duration does not tell which clients exist.
pub struct SecretChecker {
    shared: Arc<Shared>,
    pool: WorkPool,
    nobody: SecretHash,
}

/// More slow checks wait than can be served soon; the caller should try again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many secrets are being checked")]
pub struct Overloaded;

struct Shared {
    secrets: SystemSecrets,
    key: hmac::Key,
    verified: Mutex<Verified>,
    slow_hashes: AtomicU64,
}

impl SecretChecker {
    /// A checker with nothing remembered. `algorithm` is the one of new secrets: what unknown
    /// clients are made to cost.
    #[must_use]
    pub fn new(secrets: SystemSecrets, algorithm: HashAlgorithm, entropy: &dyn Entropy) -> Self {
        Self::with_pool(secrets, algorithm, entropy, WorkPool::of_all_cores(QUEUE))
    }

    fn with_pool(
        secrets: SystemSecrets,
        algorithm: HashAlgorithm,
        entropy: &dyn Entropy,
        pool: WorkPool,
    ) -> Self {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        entropy.fill(&mut *key);
        let shared = Shared {
            secrets,
            key: hmac::Key::new(hmac::HMAC_SHA256, &*key),
            verified: Mutex::default(),
            slow_hashes: AtomicU64::new(0),
        };
        Self {
            shared: Arc::new(shared),
            pool,
            nobody: unmatchable(algorithm, entropy),
        }
    }

    /// Whether the presented secret is the client's.
    ///
    /// # Errors
    /// [`Overloaded`] if it would have to wait too long; nothing is known about the secret then.
    pub async fn check(
        &self,
        client: &ClientId,
        stored: &SecretHash,
        presented: &Secret,
        now: Timestamp,
    ) -> Result<bool, Overloaded> {
        if is_keyed(stored) {
            if verify_secret(&self.shared.secrets, stored, presented) {
                return Ok(true);
            }
            return self.check_nobody(presented).await;
        }
        let mark = self.shared.mark(client, stored, presented);
        if self.shared.knows(&mark, now) {
            return Ok(true);
        }
        let (shared, stored, presented) = (self.shared.clone(), stored.clone(), presented.clone());
        self.run(move || {
            // Whoever was ahead in the queue may have come with the same secret.
            if shared.knows(&mark, now) {
                return true;
            }
            let fits = shared.hash(&stored, &presented);
            if fits {
                shared.remember(mark, now);
            }
            fits
        })
        .await
    }

    /// What to call where there is no such client: costs what a wrong secret costs, and is never
    /// true.
    ///
    /// # Errors
    /// [`Overloaded`], as for a client that exists.
    pub async fn check_nobody(&self, presented: &Secret) -> Result<bool, Overloaded> {
        let (shared, nobody) = (self.shared.clone(), self.nobody.clone());
        let presented = presented.clone();
        self.run(move || {
            shared.hash(&nobody, &presented);
            false
        })
        .await
    }

    /// How many slow hashes were computed, for tests that count them.
    #[must_use]
    pub fn slow_hashes(&self) -> u64 {
        self.shared.slow_hashes.load(Ordering::Relaxed)
    }

    async fn run(&self, work: impl FnOnce() -> bool + Send + 'static) -> Result<bool, Overloaded> {
        self.pool.run(work).await.map_err(|_| Overloaded)
    }
}

impl std::fmt::Debug for SecretChecker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretChecker")
            .field("slow_hashes", &self.slow_hashes())
            .finish()
    }
}

/// Stands for a client, its stored hash and the secret that fits it.
type Mark = [u8; 32];

/// What is remembered, oldest first. A mark is remembered once at the most.
#[derive(Default)]
struct Verified {
    marks: HashSet<Mark>,
    order: VecDeque<(Mark, Timestamp)>,
}

impl Verified {
    /// Forgets what is too old; also what is from the future, for then the clock was set back.
    fn forget(&mut self, now: Timestamp) {
        while let Some((mark, at)) = self.order.front() {
            if *at <= now && now.since(*at) < REMEMBERED {
                break;
            }
            self.marks.remove(mark);
            self.order.pop_front();
        }
    }
}

impl Shared {
    /// The three texts cannot run into each other: each stands behind its length.
    fn mark(&self, client: &ClientId, stored: &SecretHash, presented: &Secret) -> Mark {
        let mut mac = hmac::Context::with_key(&self.key);
        for text in [client.as_str(), stored.as_str(), presented.expose()] {
            mac.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(text.as_bytes());
        }
        let mut mark = [0; 32];
        mark.copy_from_slice(mac.sign().as_ref());
        mark
    }

    /// A mark is a MAC under a random key, so the duration of the look-up tells nothing of use.
    fn knows(&self, mark: &Mark, now: Timestamp) -> bool {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        verified.forget(now);
        verified.marks.contains(mark)
    }

    fn remember(&self, mark: Mark, now: Timestamp) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if !verified.marks.insert(mark) {
            return;
        }
        verified.order.push_back((mark, now));
        if verified.order.len() > MOST
            && let Some((oldest, _)) = verified.order.pop_front()
        {
            verified.marks.remove(&oldest);
        }
    }

    fn hash(&self, stored: &SecretHash, presented: &Secret) -> bool {
        self.slow_hashes.fetch_add(1, Ordering::Relaxed);
        verify_secret(&self.secrets, stored, presented)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_hash::{hash_generated, hash_secret};
    use crate::testing::{Repeating, SECRET, system_secrets};

    const NOW: Timestamp = Timestamp::from_secs(1_670_000_000);
    const CHEAP: HashAlgorithm = HashAlgorithm::Pbkdf2 { iterations: 2 };

    fn checker() -> SecretChecker {
        SecretChecker::new(system_secrets(&[SECRET]), CHEAP, &Repeating::counting())
    }

    fn stored(secret: &str) -> SecretHash {
        hash_secret(CHEAP, &Secret::new(secret), &crate::OsEntropy).unwrap()
    }

    async fn check(
        checker: &SecretChecker,
        client: &str,
        stored: &SecretHash,
        presented: &str,
        now: Timestamp,
    ) -> bool {
        let (client, presented) = (ClientId::new(client), Secret::new(presented));
        checker
            .check(&client, stored, &presented, now)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_hashed_once_in_five_minutes() {
        let (checker, stored) = (checker(), stored("right"));
        for (seconds, hashes) in [(0, 1), (1, 1), (299, 1), (300, 2), (599, 2), (600, 3)] {
            assert!(check(&checker, "web", &stored, "right", NOW.plus_secs(seconds)).await);
            assert_eq!(checker.slow_hashes(), hashes, "after {seconds} s");
        }
    }

    #[tokio::test]
    async fn wrong_secrets_cost_a_hash_each_time() {
        let (checker, stored) = (checker(), stored("right"));
        assert!(check(&checker, "web", &stored, "right", NOW).await);
        for hashes in [2, 3] {
            assert!(!check(&checker, "web", &stored, "wrong", NOW).await);
            assert_eq!(checker.slow_hashes(), hashes);
        }
    }

    #[tokio::test]
    async fn a_changed_hash_is_not_remembered() {
        let checker = checker();
        let (before, after) = (stored("right"), stored("new"));
        assert!(check(&checker, "web", &before, "right", NOW).await);
        assert!(!check(&checker, "web", &after, "right", NOW).await);
        assert!(check(&checker, "web", &after, "new", NOW).await);
        assert_eq!(checker.slow_hashes(), 3);
    }

    #[tokio::test]
    async fn what_is_remembered_of_one_client_helps_no_other() {
        let (checker, stored) = (checker(), stored("right"));
        assert!(check(&checker, "web", &stored, "right", NOW).await);
        assert!(check(&checker, "app", &stored, "right", NOW).await);
        assert_eq!(checker.slow_hashes(), 2);
    }

    #[tokio::test]
    async fn a_clock_set_back_forgets() {
        let (checker, stored) = (checker(), stored("right"));
        assert!(check(&checker, "web", &stored, "right", NOW).await);
        assert!(check(&checker, "web", &stored, "right", NOW.plus_secs(-1)).await);
        assert_eq!(checker.slow_hashes(), 2);
    }

    #[tokio::test]
    async fn generated_secrets_need_no_slow_hash() {
        let checker = checker();
        let secret = Secret::new("generated");
        let stored = hash_generated(&system_secrets(&[SECRET]), &secret).unwrap();
        assert!(check(&checker, "web", &stored, "generated", NOW).await);
        assert_eq!(checker.slow_hashes(), 0);
    }

    #[tokio::test]
    async fn all_failures_cost_the_same() {
        let checker = checker();
        let generated = hash_generated(&system_secrets(&[SECRET]), &Secret::new("right")).unwrap();
        assert!(!check(&checker, "web", &generated, "wrong", NOW).await);
        assert_eq!(checker.slow_hashes(), 1);
        assert_eq!(checker.check_nobody(&Secret::new("wrong")).await, Ok(false));
        assert_eq!(checker.slow_hashes(), 2);
        assert!(!check(&checker, "web", &stored("right"), "wrong", NOW).await);
        assert_eq!(checker.slow_hashes(), 3);
    }

    #[tokio::test]
    async fn overload_refuses_and_does_not_skip_the_hash() {
        let entropy = Repeating::counting();
        let checker = SecretChecker::with_pool(
            system_secrets(&[SECRET]),
            CHEAP,
            &entropy,
            WorkPool::new(0, 0),
        );
        let (client, presented) = (ClientId::new("web"), Secret::new("right"));
        let checked = checker
            .check(&client, &stored("right"), &presented, NOW)
            .await;
        assert_eq!(checked, Err(Overloaded));
        assert_eq!(checker.check_nobody(&presented).await, Err(Overloaded));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let checker = checker();
        let mark = |n: usize| {
            let mut mark = [0; 32];
            mark[..8].copy_from_slice(&n.to_be_bytes());
            mark
        };
        for n in 0..=MOST {
            checker.shared.remember(mark(n), NOW);
        }
        assert!(!checker.shared.knows(&mark(0), NOW));
        assert!(checker.shared.knows(&mark(1), NOW));
        assert!(checker.shared.knows(&mark(MOST), NOW));
    }
}
