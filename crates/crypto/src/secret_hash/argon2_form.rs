//! `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<key>`: never written, but read where an
//! operator put such hashes into the database by hand.

use ::argon2::{Algorithm, Argon2, Params, Version};

use crate::constant_time_eq;
use crate::encoding::from_std_strict;

/// 1 GiB.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 64;
const MAX_KEY: usize = 128;

pub(super) fn verify(stored: &str, secret: &[u8]) -> bool {
    let fits = || {
        let (argon2, salt, expected) = parse(stored)?;
        let mut key = vec![0; expected.len()];
        argon2.hash_password_into(secret, &salt, &mut key).ok()?;
        Some(constant_time_eq(&key, &expected))
    };
    fits().unwrap_or_default()
}

fn parse(stored: &str) -> Option<(Argon2<'static>, Vec<u8>, Vec<u8>)> {
    let parts: Vec<&str> = stored.split('$').collect();
    let ["", scheme, "v=19", parameters, salt, key] = parts.as_slice() else {
        return None;
    };
    let algorithm = match *scheme {
        "argon2id" => Algorithm::Argon2id,
        "argon2i" => Algorithm::Argon2i,
        _ => return None,
    };
    let parameters: Vec<&str> = parameters.split(',').collect();
    let [memory, passes, lanes] = parameters.as_slice() else {
        return None;
    };
    let number = |text: &str, name: &str, most: u32| {
        let value: u32 = text.strip_prefix(name)?.parse().ok()?;
        (value <= most).then_some(value)
    };
    let key = from_std_strict(key).filter(|key| key.len() <= MAX_KEY)?;
    let params = Params::new(
        number(memory, "m=", MAX_MEMORY_KIB)?,
        number(passes, "t=", MAX_PASSES)?,
        number(lanes, "p=", MAX_LANES)?,
        Some(key.len()),
    );
    Some((
        Argon2::new(algorithm, Version::V0x13, params.ok()?),
        from_std_strict(salt)?,
        key,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_the_reference_implementation_fit() {
        // From the tests of the reference implementation of Argon2 (phc-winner-argon2, test.c).
        for stored in [
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        ] {
            assert!(verify(stored, b"password"), "{stored}");
            assert!(!verify(stored, b"differentpassword"), "{stored}");
        }
    }

    #[test]
    fn broken_and_boundless_forms_fit_no_secret() {
        let good =
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8";
        for (from, to) in [
            ("v=19", "v=16"),
            ("argon2i", "argon2d"),
            ("m=256", "m=4194304"),
            ("t=2", "t=65"),
            ("p=1", "p=65"),
            ("m=256,t=2", "t=2,m=256"),
            ("c29tZXNhbHQ", "c29tZXNhbHQ="),
        ] {
            let broken = good.replacen(from, to, 1);
            assert_ne!(broken, good);
            assert!(!verify(&broken, b"password"), "{broken}");
        }
    }
}
