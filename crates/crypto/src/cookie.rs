use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use oauth_types::{Entropy, Secret, Timestamp};
use ring::hmac;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::encoding::{from_url_padded, to_url_padded};
use crate::gob;
use crate::system_secrets::{NoSecret, SystemSecrets};

/// Longer cookies are not looked at; browsers do not keep them either. Characters.
const MAX_LENGTH: usize = 4096;
const IV: usize = 16;
const MAC: usize = 32;

/// What seals and opens the values of cookies, in the form that Hydra's have: authenticated,
/// encrypted, and bound to the cookie's name. The first key writes, every one reads.
///
/// There is no age check: a cookie ends with what it names. Clones are cheap and see the same keys,
/// also after [`CookieKeys::replace`].
#[derive(Clone)]
pub struct CookieKeys(Arc<RwLock<Arc<[CookieKey]>>>);

/// Why a cookie's value is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieFault {
    /// It is longer than 4,096 characters.
    #[error("the cookie is too long")]
    TooLong,
    /// It is not of the form that cookies of this server have.
    #[error("the cookie is malformed")]
    Malformed,
    /// No key made it, or it was made for a cookie of another name.
    #[error("the cookie's signature is wrong")]
    Mismatch,
}

struct CookieKey {
    mac: hmac::Key,
    block: Zeroizing<[u8; 32]>,
}

impl CookieKeys {
    /// Derives the keys: of each cookie secret its bytes for the MAC and their SHA-256 for the
    /// cipher. Hydra: without cookie secrets the first system secret serves, and only that one.
    #[must_use]
    pub fn new(cookie_secrets: &[Secret], system: &SystemSecrets) -> Self {
        Self(Arc::new(RwLock::new(derive_all(cookie_secrets, system))))
    }

    /// Puts other keys in place of these, in all clones: the configuration was read again.
    pub fn replace(&self, cookie_secrets: &[Secret], system: &SystemSecrets) {
        let keys = derive_all(cookie_secrets, system);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Makes the value of the cookie `name`: a map with one pair, `sid` or `csrf` and its value.
    ///
    /// # Errors
    /// [`NoSecret`] if there is neither a cookie nor a system secret.
    pub fn seal(
        &self,
        name: &str,
        key: &str,
        value: &str,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<String, NoSecret> {
        let keys = self.keys();
        let first = keys.first().ok_or(NoSecret)?;
        let mut iv = [0; IV];
        entropy.fill(&mut iv);
        let mut inner = iv.to_vec();
        inner.extend(gob::write_pair(key, value));
        first.cipher(&iv, &mut inner[IV..]);
        let dated = format!("{}|{}", now.as_secs(), to_url_padded(&inner));
        let mut sealed = dated.clone().into_bytes();
        sealed.push(b'|');
        sealed.extend_from_slice(hmac::sign(&first.mac, &signed(name, dated.as_bytes())).as_ref());
        Ok(to_url_padded(&sealed))
    }

    /// Opens the value of the cookie `name` and finds what stands under `key`; `None` if the cookie
    /// is good but has no text there.
    ///
    /// # Errors
    /// See [`CookieFault`].
    pub fn open(&self, name: &str, key: &str, text: &str) -> Result<Option<String>, CookieFault> {
        if text.len() > MAX_LENGTH {
            return Err(CookieFault::TooLong);
        }
        let sealed = from_url_padded(text.as_bytes()).ok_or(CookieFault::Malformed)?;
        // Two bars only: the MAC is bytes, and any of them may be a bar.
        let parts: Vec<&[u8]> = sealed.splitn(3, |byte| *byte == b'|').collect();
        let [date, inner, mac] = parts.as_slice() else {
            return Err(CookieFault::Malformed);
        };
        if mac.len() != MAC {
            return Err(CookieFault::Malformed);
        }
        let signed = signed(name, &sealed[..date.len() + 1 + inner.len()]);
        let keys = self.keys();
        let fits = |key: &&CookieKey| hmac::verify(&key.mac, &signed, mac).is_ok();
        let by = keys.iter().find(fits).ok_or(CookieFault::Mismatch)?;
        let mut inner = from_url_padded(inner).ok_or(CookieFault::Malformed)?;
        let (iv, hidden) = inner
            .split_first_chunk_mut::<IV>()
            .ok_or(CookieFault::Malformed)?;
        by.cipher(iv, hidden);
        gob::read_string(hidden, key).ok_or(CookieFault::Malformed)
    }

    fn keys(&self) -> Arc<[CookieKey]> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieKeys({} [redacted])", self.keys().len())
    }
}

impl CookieKey {
    fn derive(secret: &[u8]) -> Self {
        Self {
            mac: hmac::Key::new(hmac::HMAC_SHA256, secret),
            block: Zeroizing::new(Sha256::digest(secret).into()),
        }
    }

    /// Hides or reveals: in counter mode it is the same.
    fn cipher(&self, iv: &[u8; IV], bytes: &mut [u8]) {
        Ctr128BE::<Aes256>::new((&*self.block).into(), iv.into()).apply_keystream(bytes);
    }
}

fn derive_all(cookie_secrets: &[Secret], system: &SystemSecrets) -> Arc<[CookieKey]> {
    if cookie_secrets.is_empty() {
        return system
            .keys()
            .iter()
            .take(1)
            .map(|key| CookieKey::derive(&*key.bytes))
            .collect();
    }
    cookie_secrets
        .iter()
        .map(|secret| CookieKey::derive(secret.expose().as_bytes()))
        .collect()
}

fn signed(name: &str, dated: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"|", dated].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Repeating, SECRET, system_secrets};

    const NAME: &str = "ory_hydra_session";
    const SID: &str = "5ca0c0de-0000-4000-8000-000000000001";
    /// Written by Hydra under a cookie secret, and under the system secret in its place.
    const BY_COOKIE_SECRET: &str = "MTc5NTQwNTE0M3xjV2NRZHlxZTZ1ZktaZUdXMXl1c3duSFc0QVFveG56czJCSkM1Nkp2Tzg1UERnaDBhV3BZRjNxZVVpaUdqU0ctMFh3bGdUM3VJd0xtRHVQY0JOSXlkSVBvdk5MdDlRNE5paUE2YzdYSm1Fei0yMXVwMTMtdEs2UlhYbmJOY0RyOXBRPT18XgHDleMovhhaU-WjLSYHW4MvbREnfHrVLMRv9KzgmG8=";
    const BY_SYSTEM_SECRET: &str = "MTc5NTQwNTE0M3xoUVBvSHJ6d25uUWpnMU5GXzlYc1N3NmprM0JhZGk0R25fem1XUzRhWmhlU00yT1ZCZ2ZVZl8wenAxamwyUVI3ZWZ3TVZkR2JqMU9nVl8wa3Rpc1VBMDFrcm9tb3pFaU8zcVNUQ1RmYnlacjNrRTQ4X0c5YTkzaHZfV3ljWWQ1VFpnPT18hh9IzSBefI-RQWEOChGaEusjv1EWFZjZlJXzyRpM8tc=";

    fn keys(cookie_secrets: &[&str]) -> CookieKeys {
        let secrets: Vec<Secret> = cookie_secrets
            .iter()
            .map(|text| Secret::new(*text))
            .collect();
        CookieKeys::new(&secrets, &system_secrets(&[SECRET]))
    }

    fn hydras() -> CookieKeys {
        keys(&["a-cookie-secret-of-24-by"])
    }

    #[test]
    fn hydras_cookies_are_read_and_written() {
        for (keys, cookie) in [(hydras(), BY_COOKIE_SECRET), (keys(&[]), BY_SYSTEM_SECRET)] {
            assert_eq!(keys.open(NAME, "sid", cookie), Ok(Some(SID.to_owned())));
            let decoded = from_url_padded(cookie.as_bytes()).unwrap();
            let inner = decoded.split(|byte| *byte == b'|').nth(1).unwrap();
            let iv = Repeating::new(&from_url_padded(inner).unwrap()[..IV]);
            let now = Timestamp::from_secs(1_795_405_143);
            assert_eq!(keys.seal(NAME, "sid", SID, now, &iv).unwrap(), cookie);
        }
    }

    #[test]
    fn every_secret_reads_and_the_first_writes() {
        let rotated = keys(&["the-newest-secret-of-all", "a-cookie-secret-of-24-by"]);
        assert_eq!(
            rotated.open(NAME, "sid", BY_COOKIE_SECRET),
            Ok(Some(SID.to_owned()))
        );
        let now = Timestamp::from_secs(1);
        let cookie = rotated
            .seal(NAME, "sid", SID, now, &Repeating::counting())
            .unwrap();
        assert_eq!(
            hydras().open(NAME, "sid", &cookie),
            Err(CookieFault::Mismatch)
        );
    }

    #[test]
    fn without_cookie_secrets_only_the_first_system_secret_serves() {
        let system = system_secrets(&["the-newest-secret-of-all", SECRET]);
        let opened = CookieKeys::new(&[], &system).open(NAME, "sid", BY_SYSTEM_SECRET);
        assert_eq!(opened, Err(CookieFault::Mismatch));
    }

    #[test]
    fn what_is_not_as_it_was_made_is_refused() {
        let keys = hydras();
        let check = |name: &str, text: &str, fault| {
            assert_eq!(keys.open(name, "sid", text), Err(fault), "{text:.80}");
        };
        check(
            "ory_hydra_session_dev",
            BY_COOKIE_SECRET,
            CookieFault::Mismatch,
        );
        check(NAME, BY_SYSTEM_SECRET, CookieFault::Mismatch);
        check(NAME, "", CookieFault::Malformed);
        check(NAME, "no base64!", CookieFault::Malformed);
        check(NAME, &to_url_padded(b"1|2"), CookieFault::Malformed);
        check(NAME, &to_url_padded(b"1|2|3"), CookieFault::Malformed);
        check(NAME, &"A".repeat(4097), CookieFault::TooLong);
        let decoded = from_url_padded(BY_COOKIE_SECRET.as_bytes()).unwrap();
        for at in [0, 12, decoded.len() - 1] {
            let mut changed = decoded.clone();
            changed[at] ^= 1;
            check(NAME, &to_url_padded(&changed), CookieFault::Mismatch);
        }
    }

    #[test]
    fn a_good_cookie_without_the_key_is_no_fault() {
        assert_eq!(hydras().open(NAME, "csrf", BY_COOKIE_SECRET), Ok(None));
    }

    #[test]
    fn nothing_is_sealed_without_any_secret() {
        let keys = CookieKeys::new(&[], &system_secrets(&[]));
        let now = Timestamp::from_secs(1);
        let sealed = keys.seal(NAME, "sid", SID, now, &Repeating::counting());
        assert_eq!(sealed, Err(NoSecret));
        keys.replace(
            &[Secret::new("a-cookie-secret-of-24-by")],
            &system_secrets(&[]),
        );
        assert_eq!(
            keys.open(NAME, "sid", BY_COOKIE_SECRET),
            Ok(Some(SID.to_owned()))
        );
    }
}
