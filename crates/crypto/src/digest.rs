use oauth_types::VerifierHash;
use sha2::{Digest, Sha256, Sha384};

use crate::encoding::{to_hex, to_url};

/// Lower-case hexadecimal SHA-256, 64 characters: how `jti` values are remembered.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal SHA-384, 96 characters: how access tokens are found.
#[must_use]
pub fn sha384_hex(text: &str) -> String {
    to_hex(&Sha384::digest(text))
}

/// Unpadded base64url of SHA-256: the `S256` challenge of a verifier (RFC 7636 §4.2).
#[must_use]
pub fn sha256_base64url(bytes: &[u8]) -> String {
    to_url(&Sha256::digest(bytes))
}

/// `at_hash` or `c_hash` of a token or code: unpadded base64url of the left half of its SHA-256
/// (OpenID Connect Core §3.1.3.6).
///
/// Hydra: always SHA-256, also where the ID token is signed with a longer hash.
#[must_use]
pub fn left_half_hash(token: &str) -> String {
    to_url(&Sha256::digest(token)[..16])
}

/// What a back end keeps of a verifier.
#[must_use]
pub fn verifier_hash(text: &str) -> VerifierHash {
    VerifierHash::new(sha256_hex(text.as_bytes()))
}

/// Murmur3, x86, 32 bits, seed 0: the number at the end of a CSRF cookie's name.
#[must_use]
pub fn murmur3(bytes: &[u8]) -> u32 {
    let mut rest = bytes;
    // Reading from memory cannot fail.
    murmur3::murmur3_32(&mut rest, 0).unwrap_or_default()
}

/// A pairwise `sub` (OpenID Connect Core §8.1): lower-case hexadecimal SHA-256 of sector, subject
/// and salt, one behind the other.
///
/// Hydra: nothing separates the parts, and the sector may be a whole URI.
#[must_use]
pub fn pairwise_hash(sector: &str, subject: &str, salt: &str) -> String {
    let hash = Sha256::new()
        .chain_update(sector)
        .chain_update(subject)
        .chain_update(salt);
    to_hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TOKEN;

    #[test]
    fn digests_agree_with_hydra() {
        for (made, expected) in [
            (
                sha256_hex(b"some-jti"),
                "5ca8dca572dc81981ad2a9445d34c1b19cefa75497afb95453dd5ee48bac9e3f",
            ),
            (
                sha256_hex(b"12345"),
                "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5",
            ),
            (left_half_hash(TOKEN), "APP850e91Mw6OBKHfF9KuQ"),
            (
                sha384_hex("FS0V5THotmLBiYbwmoa6IRbgLFPWN8sUH-BIxeuc0aM"),
                "16c23bfed84c62720c4369070be426b93b10cafaad331f686443eae31f3a7bc9e27ee6b5957f83e1df34ffa5be7028a0",
            ),
            // RFC 7636, appendix B.
            (
                sha256_base64url(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            ),
        ] {
            assert_eq!(made, expected);
        }
    }

    #[test]
    fn pairwise_subjects_are_hashes_of_the_parts_in_a_row() {
        assert_eq!(
            pairwise_hash("a.example", "alice", "salt"),
            sha256_hex(b"a.examplealicesalt")
        );
    }

    #[test]
    fn murmur3_agrees_with_the_published_vectors() {
        for (text, hash) in [
            ("", 0),
            ("test", 0xba6b_d213),
            ("Hello, world!", 0xc036_3e43),
            ("The quick brown fox jumps over the lazy dog", 0x2e4f_f723),
        ] {
            assert_eq!(murmur3(text.as_bytes()), hash, "{text:?}");
        }
    }
}
