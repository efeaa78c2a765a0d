use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::encoding::to_url;
use crate::jwk::Jwk;
use crate::key_algorithm::KeyAlgorithm;
use crate::key_material::{JwsSigner, signer};
use crate::work_pool::{PoolFault, WorkPool};

/// How many signatures may wait for a core.
const QUEUE: usize = 1024;

/// A private key, ready to sign. Making one costs as much as several signatures, so keep it as long
/// as the key.
pub struct Signer {
    kid: String,
    algorithm: KeyAlgorithm,
    /// Header and dot, which are the same in every token.
    header: String,
    signer: Box<dyn JwsSigner>,
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The `alg` of the key is missing or not one that is signed with.
    #[error("the key's algorithm {0:?} is not one to sign with")]
    UnknownAlgorithm(String),
    /// The key is public, of another type than its `alg`, or too short.
    #[error("the key cannot sign {0}")]
    KeyDoesNotFit(&'static str),
    /// More signatures wait than can be made soon; the caller should try again later.
    #[error("too many tokens are being signed")]
    Overloaded,
    /// OpenSSL failed, or the process is shutting down.
    #[error("the token could not be signed")]
    Failed,
}

impl Signer {
    /// Takes a private key. It signs by its own `alg`; its `use` does not count.
    ///
    /// # Errors
    /// [`SignError::UnknownAlgorithm`], [`SignError::KeyDoesNotFit`].
    pub fn new(key: &Jwk) -> Result<Self, SignError> {
        let algorithm = KeyAlgorithm::parse(key.alg())
            .ok_or_else(|| SignError::UnknownAlgorithm(key.alg().to_owned()))?;
        let signer = signer(algorithm, key.material())
            .ok_or(SignError::KeyDoesNotFit(algorithm.as_str()))?;
        let header = format!(
            r#"{{"alg":"{}","kid":{},"typ":"JWT"}}"#,
            algorithm.as_str(),
            Value::from(key.kid())
        );
        let header = format!("{}.", to_url(header.as_bytes()));
        Ok(Self {
            kid: key.kid().to_owned(),
            algorithm,
            header,
            signer,
        })
    }

    /// The `kid` of the key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    #[must_use]
    pub fn alg(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Makes a JWT (RFC 7519) of claims, a JSON text that goes in as it is. RSA takes milliseconds:
    /// go through [`SignPool`] on an I/O thread.
    ///
    /// # Errors
    /// [`SignError::Failed`].
    pub fn sign_jwt(&self, claims: &str) -> Result<String, SignError> {
        let mut token = self.header.clone();
        token.push_str(&to_url(claims.as_bytes()));
        let signature = self
            .signer
            .sign(token.as_bytes())
            .map_err(|_| SignError::Failed)?;
        token.push('.');
        token.push_str(&to_url(&signature));
        Ok(token)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.kid)
            .field("alg", &self.algorithm)
            .finish()
    }
}

/// Signs off the I/O threads, as many at once as there are cores, with a bounded queue.
pub struct SignPool {
    pool: WorkPool,
    signatures: AtomicU64,
}

impl SignPool {
    /// Signs as [`Signer::sign_jwt`] does. What takes microseconds only is done in place.
    ///
    /// # Errors
    /// [`SignError::Overloaded`], [`SignError::Failed`].
    pub async fn sign(&self, signer: &Arc<Signer>, claims: String) -> Result<String, SignError> {
        self.signatures.fetch_add(1, Ordering::Relaxed);
        if signer.algorithm.is_quick() {
            return signer.sign_jwt(&claims);
        }
        let signer = signer.clone();
        let signed = self.pool.run(move || signer.sign_jwt(&claims)).await;
        signed.map_err(|fault| match fault {
            PoolFault::Full => SignError::Overloaded,
            PoolFault::Stopped => SignError::Failed,
        })?
    }

    /// How many signatures were asked for, for tests that count them.
    #[must_use]
    pub fn signatures(&self) -> u64 {
        self.signatures.load(Ordering::Relaxed)
    }
}

impl Default for SignPool {
    fn default() -> Self {
        Self {
            pool: WorkPool::of_all_cores(QUEUE),
            signatures: AtomicU64::new(0),
        }
    }
}

impl fmt::Debug for SignPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignPool")
            .field("signatures", &self.signatures())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::encoding::from_url;
    use crate::{RsaBits, generate};

    fn generated(algorithm: KeyAlgorithm) -> Jwk {
        generate(algorithm, "a \"kid\"".into(), "sig", RsaBits::Bits2048).unwrap()
    }

    #[test]
    fn header_and_claims_go_in_as_they_are() {
        let token = Signer::new(&generated(KeyAlgorithm::EdDsa))
            .unwrap()
            .sign_jwt(r#"{"b":1, "a":2}"#)
            .unwrap();
        let parts: Vec<_> = token
            .split('.')
            .map(|part| from_url(part).unwrap())
            .collect();
        assert_eq!(
            parts[0],
            br#"{"alg":"EdDSA","kid":"a \"kid\"","typ":"JWT"}"#
        );
        assert_eq!(parts[1], br#"{"b":1, "a":2}"#);
        assert_eq!(parts[2].len(), 64);
    }

    #[test]
    fn an_ed25519_signature_agrees_with_the_rfc() {
        // RFC 8037, appendix A.4; the header there is another one.
        let key = Jwk::parse(&json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA",
            "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }))
        .unwrap();
        let signer = Signer::new(&key).unwrap();
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        assert_eq!(
            to_url(&signer.signer.sign(message).unwrap()),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn keys_that_cannot_sign_are_refused() {
        let key = generated(KeyAlgorithm::Es256);
        let mut json = key.to_json();
        let refused = |key: &Jwk| Signer::new(key).unwrap_err();
        assert_eq!(refused(&key.to_public()), SignError::KeyDoesNotFit("ES256"));
        for (alg, error) in [
            ("RS256", SignError::KeyDoesNotFit("RS256")),
            ("ES384", SignError::KeyDoesNotFit("ES384")),
            ("none", SignError::UnknownAlgorithm("none".into())),
            ("", SignError::UnknownAlgorithm(String::new())),
        ] {
            json["alg"] = alg.into();
            assert_eq!(refused(&Jwk::parse(&json).unwrap()), error);
        }
        let symmetric = json!({"kty": "oct", "k": "AAAA", "alg": "HS256"});
        assert_eq!(
            refused(&Jwk::parse(&symmetric).unwrap()),
            SignError::UnknownAlgorithm("HS256".into())
        );
    }

    #[test]
    fn keys_for_encryption_and_without_optional_numbers_sign() {
        let mut json = generated(KeyAlgorithm::Rs256).to_json();
        for name in ["dp", "dq", "qi"] {
            json.as_object_mut().unwrap().remove(name);
        }
        json["use"] = "enc".into();
        let key = Jwk::parse(&json).unwrap();
        let token = Signer::new(&key).unwrap().sign_jwt("{}").unwrap();
        assert!(crate::verify_jws(&token, &[key.to_public()]).is_ok());
    }

    #[tokio::test]
    async fn the_pool_signs_and_counts() {
        let pool = SignPool::default();
        for (algorithm, count) in [(KeyAlgorithm::Rs256, 1), (KeyAlgorithm::Es256, 2)] {
            let key = generated(algorithm);
            let signer = Arc::new(Signer::new(&key).unwrap());
            let token = pool
                .sign(&signer, r#"{"sub":"alice"}"#.into())
                .await
                .unwrap();
            let verified = crate::verify_jws(&token, &[key.to_public()]).unwrap();
            assert_eq!(verified.claims["sub"], "alice");
            assert_eq!(pool.signatures(), count);
        }
    }
}
