mod argon2_form;
mod bcrypt_form;
mod pbkdf2_form;

use oauth_types::{Entropy, Secret, SecretHash};

use crate::constant_time_eq;
use crate::encoding::{from_std_strict, to_std_strict};
use crate::system_secrets::{NoSecret, SystemSecrets};

/// Longer stored hashes are not looked at.
const MAX_STORED: usize = 4096;
const KEYED: &str = "$hydrus-hmac-sha256$";

/// How secrets that a person may have chosen are hashed: slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// PBKDF2-HMAC-SHA256 (RFC 8018 §5.2) with a salt of 16 and a key of 32 bytes.
    Pbkdf2 {
        /// Rounds; counts outside 1 to 10,000,000 are moved to the nearest end.
        iterations: u32,
    },
    /// bcrypt, which cannot take more than 72 bytes.
    Bcrypt {
        /// The exponent of two of its rounds; costs outside 4 to 31 are moved to the nearest end.
        cost: u32,
    },
}

impl Default for HashAlgorithm {
    /// Hydra's: PBKDF2 with 25,000 rounds.
    fn default() -> Self {
        Self::Pbkdf2 { iterations: 25_000 }
    }
}

/// bcrypt was to hash a secret of more than 72 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is longer than 72 bytes")]
pub struct SecretTooLong;

/// Hashes a secret that a person may have chosen. Takes milliseconds of work on purpose: keep it off
/// the I/O threads.
///
/// # Errors
/// [`SecretTooLong`] with bcrypt.
pub fn hash_secret(
    algorithm: HashAlgorithm,
    secret: &Secret,
    entropy: &dyn Entropy,
) -> Result<SecretHash, SecretTooLong> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let secret = secret.expose().as_bytes();
    match algorithm {
        HashAlgorithm::Pbkdf2 { iterations } => Ok(SecretHash::new(pbkdf2_form::hash(
            secret, iterations, &salt,
        ))),
        HashAlgorithm::Bcrypt { cost } => bcrypt_form::hash(secret, cost, &salt)
            .map(SecretHash::new)
            .ok_or(SecretTooLong),
    }
}

/// Hashes a secret that the server generated. Full entropy needs no slow hash, so this one is a MAC
/// under the first system secret: cheap to verify, and the database alone gives no way to test
/// guesses.
///
/// # Errors
/// [`NoSecret`] if there is no system secret.
pub fn hash_generated(secrets: &SystemSecrets, secret: &Secret) -> Result<SecretHash, NoSecret> {
    let keys = secrets.keys();
    let key = keys.first().ok_or(NoSecret)?;
    let mac = ring::hmac::sign(&key.generated, secret.expose().as_bytes());
    Ok(SecretHash::new(format!(
        "{KEYED}{}",
        to_std_strict(mac.as_ref())
    )))
}

/// Whether a stored hash is one of this secret. The stored form says how it was made; all forms that
/// Hydra reads are read, and an unknown form fits no secret.
///
/// Takes as long as the form demands: go through [`crate::SecretChecker`] on behalf of clients.
#[must_use]
pub fn verify_secret(secrets: &SystemSecrets, stored: &SecretHash, presented: &Secret) -> bool {
    let (text, secret) = (stored.as_str(), presented.expose().as_bytes());
    if text.len() > MAX_STORED {
        return false;
    }
    let scheme = text.split('$').nth(1).unwrap_or_default();
    match scheme {
        _ if is_keyed(stored) => verify_keyed(secrets, text, secret),
        "2" | "2a" | "2b" | "2y" | "2z" => bcrypt_form::verify(text, secret),
        "argon2id" | "argon2i" => argon2_form::verify(text, secret),
        _ if scheme.starts_with("pbkdf2-sha") => pbkdf2_form::verify(text, secret),
        _ => false,
    }
}

/// Whether the stored form is the cheap one of generated secrets.
pub(crate) fn is_keyed(stored: &SecretHash) -> bool {
    stored.as_str().starts_with(KEYED)
}

/// A hash that no secret fits and that costs as much to verify as those of the algorithm.
pub(crate) fn unmatchable(algorithm: HashAlgorithm, entropy: &dyn Entropy) -> SecretHash {
    let (mut salt, mut key) = ([0; 16], [0; 32]);
    entropy.fill(&mut salt);
    entropy.fill(&mut key);
    SecretHash::new(match algorithm {
        HashAlgorithm::Pbkdf2 { iterations } => pbkdf2_form::write(iterations, &salt, &key),
        HashAlgorithm::Bcrypt { cost } => bcrypt_form::write(cost, &salt, &key[..23]),
    })
}

fn verify_keyed(secrets: &SystemSecrets, stored: &str, secret: &[u8]) -> bool {
    let Some(expected) = stored.strip_prefix(KEYED).and_then(from_std_strict) else {
        return false;
    };
    secrets
        .keys()
        .iter()
        .any(|key| constant_time_eq(ring::hmac::sign(&key.generated, secret).as_ref(), &expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Repeating, SECRET, system_secrets};

    pub(super) fn fits(stored: &str, presented: &str) -> bool {
        let secrets = system_secrets(&[SECRET]);
        verify_secret(&secrets, &SecretHash::new(stored), &Secret::new(presented))
    }

    #[test]
    fn chosen_secrets_are_hashed_as_hydra_does() {
        let hash = |algorithm, secret: &str| {
            hash_secret(algorithm, &Secret::new(secret), &Repeating::counting())
        };
        assert_eq!(
            hash(HashAlgorithm::default(), "some-client-secret")
                .unwrap()
                .as_str(),
            "$pbkdf2-sha256$i=25000,l=32$AAECAwQFBgcICQoLDA0ODw$mDX5E6xXQz024Ftl+gQQvXg+z5a6J82I7P27ni0S/xA"
        );
        assert_eq!(
            hash(HashAlgorithm::default(), "averylongsecret")
                .unwrap()
                .as_str(),
            "$pbkdf2-sha256$i=25000,l=32$AAECAwQFBgcICQoLDA0ODw$y2cPu/TTcd6Am/6PHSHE3iiKmzwgiLG8LuoeGG1gSmM"
        );
        let stored = hash(HashAlgorithm::Bcrypt { cost: 4 }, "some-client-secret").unwrap();
        assert!(
            stored.as_str().starts_with("$2a$04$"),
            "{}",
            stored.as_str()
        );
        assert!(fits(stored.as_str(), "some-client-secret"));
        assert!(!fits(stored.as_str(), "some-client-Secret"));
    }

    #[test]
    fn bcrypt_takes_72_bytes_and_no_more() {
        let hash = |length| {
            let secret = Secret::new("x".repeat(length));
            hash_secret(
                HashAlgorithm::Bcrypt { cost: 4 },
                &secret,
                &Repeating::counting(),
            )
        };
        let stored = hash(72).unwrap();
        assert!(fits(stored.as_str(), &"x".repeat(72)));
        assert!(!fits(stored.as_str(), &"x".repeat(73)));
        assert_eq!(hash(73), Err(SecretTooLong));
    }

    #[test]
    fn generated_secrets_fit_under_every_system_secret() {
        let (old, generated) = (system_secrets(&[SECRET]), Secret::new("bqX1-generated"));
        let stored = hash_generated(&old, &generated).unwrap();
        assert!(stored.as_str().starts_with("$hydrus-hmac-sha256$"));
        let rotated = system_secrets(&["the-newest-secret-of-all", SECRET]);
        assert!(verify_secret(&rotated, &stored, &generated));
        assert!(!verify_secret(
            &rotated,
            &stored,
            &Secret::new("bqX1-guessed")
        ));
        let foreign = system_secrets(&["the-newest-secret-of-all"]);
        assert!(!verify_secret(&foreign, &stored, &generated));
        assert_eq!(
            hash_generated(&system_secrets(&[]), &generated),
            Err(NoSecret)
        );
    }

    #[test]
    fn unknown_forms_fit_no_secret() {
        for stored in [
            "",
            "$",
            "secret",
            "$md5$secret",
            "$2x$04$",
            "$hydrus-hmac-sha256$",
            "pbkdf2-sha256$",
        ] {
            assert!(!fits(stored, ""), "{stored:?}");
            assert!(!fits(stored, "secret"), "{stored:?}");
        }
    }

    #[test]
    fn no_secret_fits_the_unmatchable() {
        for algorithm in [
            HashAlgorithm::Pbkdf2 { iterations: 2 },
            HashAlgorithm::Bcrypt { cost: 4 },
        ] {
            let stored = unmatchable(algorithm, &Repeating::counting());
            assert!(!fits(stored.as_str(), ""), "{algorithm:?}");
        }
    }
}
