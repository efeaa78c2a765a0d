//! `$pbkdf2-<digest>$i=<rounds>,l=<key bytes>$<salt>$<key>`.

use ::pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use sha3::{Sha3_224, Sha3_384};

use crate::constant_time_eq;
use crate::encoding::{from_std_strict, to_std_strict};

const MAX_ITERATIONS: u32 = 10_000_000;
const MAX_KEY: usize = 128;

pub(super) fn hash(secret: &[u8], iterations: u32, salt: &[u8; 16]) -> String {
    let mut key = [0; 32];
    pbkdf2_hmac::<Sha256>(secret, salt, iterations.clamp(1, MAX_ITERATIONS), &mut key);
    write(iterations, salt, &key)
}

pub(super) fn write(iterations: u32, salt: &[u8; 16], key: &[u8; 32]) -> String {
    format!(
        "$pbkdf2-sha256$i={},l=32${}${}",
        iterations.clamp(1, MAX_ITERATIONS),
        to_std_strict(salt),
        to_std_strict(key)
    )
}

pub(super) fn verify(stored: &str, secret: &[u8]) -> bool {
    let Some(form) = Form::parse(stored) else {
        return false;
    };
    let mut key = vec![0; form.key.len()];
    let (salt, rounds) = (&form.salt, form.iterations);
    match form.digest {
        "1" => pbkdf2_hmac::<Sha1>(secret, salt, rounds, &mut key),
        // Hydra: these two names mean SHA-3.
        "224" => pbkdf2_hmac::<Sha3_224>(secret, salt, rounds, &mut key),
        "384" => pbkdf2_hmac::<Sha3_384>(secret, salt, rounds, &mut key),
        "512" => pbkdf2_hmac::<Sha512>(secret, salt, rounds, &mut key),
        // Hydra: and every other number means SHA-256.
        _ => pbkdf2_hmac::<Sha256>(secret, salt, rounds, &mut key),
    }
    constant_time_eq(&key, &form.key)
}

struct Form<'a> {
    digest: &'a str,
    iterations: u32,
    salt: Vec<u8>,
    key: Vec<u8>,
}

impl<'a> Form<'a> {
    fn parse(stored: &'a str) -> Option<Self> {
        let parts: Vec<&str> = stored.split('$').collect();
        let ["", scheme, parameters, salt, key] = parts.as_slice() else {
            return None;
        };
        let digest = scheme.strip_prefix("pbkdf2-sha")?;
        let (iterations, length) = parameters.strip_prefix("i=")?.split_once(",l=")?;
        let form = Self {
            digest,
            iterations: number(iterations)?,
            salt: from_std_strict(salt)?,
            key: from_std_strict(key)?,
        };
        let good = (1..=3).contains(&digest.len())
            && digest.bytes().all(|b| b.is_ascii_digit())
            && (1..=MAX_ITERATIONS).contains(&form.iterations)
            && (1..=MAX_KEY).contains(&form.key.len())
            && number(length).and_then(|l| usize::try_from(l).ok()) == Some(form.key.len());
        good.then_some(form)
    }
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u32> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds 3, salt bytes 0 to 15, key of 20 bytes; made with another implementation.
    const FORMS: [&str; 6] = [
        "$pbkdf2-sha1$i=3,l=20$AAECAwQFBgcICQoLDA0ODw$GK+T5PZu+oRIjP3oQgtLaSDwH1w",
        "$pbkdf2-sha224$i=3,l=20$AAECAwQFBgcICQoLDA0ODw$lHnhpMExBKleIIET26xgmr0HvKw",
        "$pbkdf2-sha256$i=3,l=20$AAECAwQFBgcICQoLDA0ODw$0OibgMR/4beBEMxz94d6NOPYp4c",
        "$pbkdf2-sha384$i=3,l=20$AAECAwQFBgcICQoLDA0ODw$4e9NPWuKndo0Zgz+MTADw7m51so",
        "$pbkdf2-sha512$i=3,l=20$AAECAwQFBgcICQoLDA0ODw$YAlh0K8wmnG0IxJUA2kKrIE7ZeM",
        "$pbkdf2-sha999$i=3,l=20$AAECAwQFBgcICQoLDA0ODw$0OibgMR/4beBEMxz94d6NOPYp4c",
    ];

    #[test]
    fn every_digest_is_known() {
        for stored in FORMS {
            assert!(verify(stored, b"secret"), "{stored}");
            assert!(!verify(stored, b"Secret"), "{stored}");
        }
    }

    #[test]
    fn nul_characters_behind_a_short_secret_make_no_difference() {
        // Hydra: a property of HMAC keys, which are filled up with zeros to the block length.
        let stored = hash(b"secret", 2, &[1; 16]);
        assert!(verify(&stored, b"secret\0\0"));
        let stored = hash(&[b'x'; 64], 2, &[1; 16]);
        assert!(!verify(&stored, &[[b'x'; 64].as_slice(), b"\0"].concat()));
    }

    #[test]
    fn broken_forms_fit_no_secret() {
        let good = hash(b"secret", 3, &[0; 16]);
        assert!(verify(&good, b"secret"));
        for (from, to) in [
            ("i=3", "i=0"),
            ("i=3", "i=+3"),
            ("i=3", "i="),
            ("i=3", "i=10000001"),
            ("i=3", "i=4294967299"),
            ("l=32", "l=31"),
            ("l=32", "l=032,x"),
            ("i=3,l=32", "l=32,i=3"),
            ("sha256", "sha"),
            ("sha256", "sha2560"),
            ("sha256", "shaxxx"),
            ("AAAAAAAAAAAAAAAAAAAAAA$", "AAAAAAAAAAAAAAAAAAAAAA==$"),
            ("AAAAAAAAAAAAAAAAAAAAAA$", "AAAAAAAAAAAAAAAAAAAAAB$"),
        ] {
            let broken = good.replacen(from, to, 1);
            assert_ne!(broken, good);
            assert!(!verify(&broken, b"secret"), "{broken}");
        }
        assert!(!verify(&format!("{good}$"), b"secret"));
        assert!(!verify("$pbkdf2-sha256$i=3,l=0$$", b"secret"));
        assert!(!verify(
            &format!("$pbkdf2-sha256$i=3,l=300$AAAA${}", "AAAA".repeat(100)),
            b"x"
        ));
    }
}
