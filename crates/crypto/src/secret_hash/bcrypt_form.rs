//! `$2a$<cost>$<22 characters of salt><31 characters of hash>`.

use crate::constant_time_eq;
use crate::encoding::{from_bcrypt, to_bcrypt};

const MAX_SECRET: usize = 72;
const SALT: usize = 22;
const HASH: usize = 31;

/// `None` if the secret is longer than 72 bytes.
pub(super) fn hash(secret: &[u8], cost: u32, salt: &[u8; 16]) -> Option<String> {
    let cost = cost.clamp(4, 31);
    Some(write(cost, salt, &digest(secret, cost, *salt)?))
}

pub(super) fn write(cost: u32, salt: &[u8; 16], hash: &[u8]) -> String {
    format!(
        "$2a${:02}${}{}",
        cost.clamp(4, 31),
        to_bcrypt(salt),
        to_bcrypt(hash)
    )
}

pub(super) fn verify(stored: &str, secret: &[u8]) -> bool {
    let fits = || {
        let (cost, salt, expected) = parse(stored)?;
        Some(constant_time_eq(&digest(secret, cost, salt)?, &expected))
    };
    fits().unwrap_or_default()
}

/// The letter behind the 2 makes no difference: all stand for the same computation.
fn parse(stored: &str) -> Option<(u32, [u8; 16], Vec<u8>)> {
    let parts: Vec<&str> = stored.split('$').collect();
    let ["", "2" | "2a" | "2b" | "2y" | "2z", cost, rest] = parts.as_slice() else {
        return None;
    };
    let digits = cost.len() == 2 && cost.bytes().all(|b| b.is_ascii_digit());
    let cost = cost
        .parse()
        .ok()
        .filter(|cost| digits && (4..=31).contains(cost))?;
    let (salt, hash) = rest
        .split_at_checked(SALT)
        .filter(|(_, hash)| hash.len() == HASH)?;
    Some((
        cost,
        from_bcrypt(salt)?.try_into().ok()?,
        from_bcrypt(hash)?,
    ))
}

/// 23 bytes; the algorithm makes one more, which was never stored.
fn digest(secret: &[u8], cost: u32, salt: [u8; 16]) -> Option<Vec<u8>> {
    if secret.len() > MAX_SECRET {
        return None;
    }
    let mut terminated = zeroize::Zeroizing::new(secret.to_vec());
    terminated.push(0);
    terminated.truncate(MAX_SECRET);
    Some(::bcrypt::bcrypt(cost, salt, &terminated)[..23].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_hashes_fit_whatever_their_letter() {
        // From the test vectors of OpenBSD and of jBCrypt.
        for (secret, stored) in [
            (
                "",
                "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
            ),
            (
                "a",
                "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
            ),
            (
                "abc",
                "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
            ),
        ] {
            for letter in ["", "a", "b", "y", "z"] {
                let stored = stored.replacen("2a", &format!("2{letter}"), 1);
                assert!(verify(&stored, secret.as_bytes()), "{stored}");
                assert!(!verify(&stored, b"another"), "{stored}");
            }
        }
    }

    #[test]
    fn broken_forms_fit_no_secret() {
        let good = hash(b"secret", 4, &[0; 16]).unwrap();
        assert!(verify(&good, b"secret"));
        for broken in [
            good.replacen("2a", "2x", 1),
            good.replacen("$04$", "$03$", 1),
            good.replacen("$04$", "$32$", 1),
            good.replacen("$04$", "$4$", 1),
            good.replacen("$04$", "$+4$", 1),
            format!("{good}."),
            good[..good.len() - 1].to_owned(),
            good.replacen("$04$", "$04$ü", 1),
        ] {
            assert!(!verify(&broken, b"secret"), "{broken}");
        }
    }
}
