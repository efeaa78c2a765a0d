use oauth_types::Entropy;
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use crate::encoding::{from_url_padded, to_url_padded};
use crate::system_secrets::{NoSecret, SystemSecrets, aead_key};

const TAG_LEN: usize = 16;

/// Why sealed data could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The text is not padded base64url.
    #[error("the sealed text is not base64url")]
    NotBase64,
    /// It is shorter than a nonce and a tag.
    #[error("the sealed data is cut off")]
    TooShort,
    /// No secret opens it: it was sealed under another one, or changed since.
    #[error("no secret opens the sealed data")]
    WrongSecret,
}

impl SystemSecrets {
    /// Seals under the first secret, in Hydra's form: padded base64url of nonce, AES-256-GCM
    /// ciphertext and tag.
    ///
    /// # Errors
    /// [`NoSecret`] if there is no system secret.
    pub fn seal(&self, plain: &[u8], entropy: &dyn Entropy) -> Result<String, NoSecret> {
        self.seal_bytes(plain, entropy)
            .map(|sealed| to_url_padded(&sealed))
    }

    /// Opens what [`SystemSecrets::seal`] or Hydra sealed, by whichever secret fits.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, text: &str) -> Result<Vec<u8>, OpenError> {
        self.open_bytes(&from_url_padded(text.as_bytes()).ok_or(OpenError::NotBase64)?)
    }

    /// Seals into bytes: nonce, ciphertext, tag. For columns that no other program reads.
    ///
    /// # Errors
    /// [`NoSecret`] if there is no system secret.
    pub fn seal_bytes(&self, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, NoSecret> {
        let keys = self.keys();
        let key = keys.first().ok_or(NoSecret)?;
        Ok(seal_with(&key.aead, plain, entropy))
    }

    /// Opens what [`SystemSecrets::seal_bytes`] sealed, by whichever secret fits.
    ///
    /// # Errors
    /// [`OpenError::TooShort`], [`OpenError::WrongSecret`].
    pub fn open_bytes(&self, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        if sealed.len() < NONCE_LEN + TAG_LEN {
            return Err(OpenError::TooShort);
        }
        let keys = self.keys();
        keys.iter()
            .find_map(|key| open_with(&key.aead, sealed).ok())
            .ok_or(OpenError::WrongSecret)
    }
}

/// Seals under a key that only the owner of a token can give back, so that the database alone opens
/// nothing: the kept answer to a repeated refresh is sealed under the refresh token.
///
/// The token must have full entropy, as minted ones do.
#[must_use]
pub fn seal_under_token(token: &str, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    seal_with(&token_key(token), plain, entropy)
}

/// Opens what [`seal_under_token`] sealed under this very token.
///
/// # Errors
/// [`OpenError::TooShort`], [`OpenError::WrongSecret`].
pub fn open_under_token(token: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    open_with(&token_key(token), sealed)
}

fn token_key(token: &str) -> LessSafeKey {
    use ring::hmac::{HMAC_SHA256, Key, sign};
    let key = sign(
        &Key::new(HMAC_SHA256, token.as_bytes()),
        b"hydrus: seal under a token",
    );
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    bytes.copy_from_slice(key.as_ref());
    aead_key(&bytes)
}

#[expect(
    clippy::expect_used,
    reason = "GCM refuses only messages of more than 64 GiB"
)]
fn seal_with(key: &LessSafeKey, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    entropy.fill(&mut nonce);
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + TAG_LEN);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed[NONCE_LEN..],
        )
        .expect("the message fits into memory");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

fn open_with(key: &LessSafeKey, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (nonce, rest) = sealed
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(OpenError::TooShort)?;
    if rest.len() < TAG_LEN {
        return Err(OpenError::TooShort);
    }
    let mut buffer = rest.to_vec();
    let plain = key
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::empty(),
            &mut buffer,
        )
        .map_err(|_| OpenError::WrongSecret)?
        .len();
    buffer.truncate(plain);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Repeating, SECRET, system_secrets};

    #[test]
    fn sealed_texts_are_hydras() {
        let secrets = system_secrets(&[SECRET]);
        for (nonce, plain, sealed) in [
            (
                Repeating::new(b"0"),
                r#"{"hello":"world"}"#,
                "MDAwMDAwMDAwMDAw_ciI0y9mYM646DSLnvv5rjLVrJQHv2RMaQaanteLnPlY",
            ),
            (
                Repeating::counting(),
                r#"{"use":"sig","kty":"oct","kid":"k","alg":"HS256","k":"AA"}"#,
                "AAECAwQFBgcICQoL-x9-xX2XuM4nhmM_yHOMMV0kflFUZ7enfvahKyPiVJKl619gQKRmCDeq4WrxBFFh5opSMXB59q0rPvI1dXyJQqj7GBXJrrrGLm4=",
            ),
        ] {
            assert_eq!(secrets.seal(plain.as_bytes(), &nonce).unwrap(), sealed);
            assert_eq!(secrets.open(sealed).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn every_secret_opens_and_the_first_seals() {
        let entropy = Repeating::counting();
        let old = system_secrets(&[SECRET]);
        let sealed = old.seal_bytes(b"plain", &entropy).unwrap();
        let rotated = system_secrets(&["the-newest-secret-of-all", SECRET]);
        assert_eq!(rotated.open_bytes(&sealed).unwrap(), b"plain");
        let resealed = rotated.seal_bytes(b"plain", &entropy).unwrap();
        assert_eq!(old.open_bytes(&resealed), Err(OpenError::WrongSecret));
    }

    #[test]
    fn what_was_changed_does_not_open() {
        let secrets = system_secrets(&[SECRET]);
        let sealed = secrets.seal_bytes(b"", &Repeating::counting()).unwrap();
        assert_eq!(secrets.open_bytes(&sealed).unwrap(), b"");
        for at in [0, 12, 27] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(
                secrets.open_bytes(&changed),
                Err(OpenError::WrongSecret),
                "byte {at}"
            );
        }
        assert_eq!(secrets.open_bytes(&sealed[..27]), Err(OpenError::TooShort));
        assert_eq!(secrets.open("no base64!"), Err(OpenError::NotBase64));
        assert_eq!(secrets.open(""), Err(OpenError::TooShort));
    }

    #[test]
    fn only_the_token_opens_what_was_sealed_under_it() {
        let sealed = seal_under_token("ory_rt_a.b", b"answer", &Repeating::counting());
        assert_eq!(open_under_token("ory_rt_a.b", &sealed).unwrap(), b"answer");
        assert_eq!(
            open_under_token("ory_rt_a.c", &sealed),
            Err(OpenError::WrongSecret)
        );
        assert_eq!(
            open_under_token("ory_rt_a.b", &sealed[..20]),
            Err(OpenError::TooShort)
        );
    }

    #[test]
    fn nothing_is_sealed_without_a_secret() {
        let secrets = system_secrets(&[]);
        assert_eq!(secrets.seal(b"", &Repeating::counting()), Err(NoSecret));
    }
}
