//! What the demo takes a JOSE and a crypto library for, in one place: to copy the demo, put the
//! library of your choice behind these five functions.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crypto::{Jwk, OsEntropy};
use oauth_types::Entropy;
use serde_json::Value;

/// A token whose signature holds.
pub(crate) struct Verified {
    /// `alg` of the header.
    pub(crate) alg: String,
    /// `kid` of the header; empty if it has none.
    pub(crate) kid: String,
    /// The claims.
    pub(crate) claims: Value,
}

/// Checks the signature against a JSON Web Key Set (RFC 7517 §5). Keys of the set that we do not
/// understand are passed over, as §5 asks.
pub(crate) fn verify(token: &str, key_set: &Value) -> Result<Verified, String> {
    let keys: Vec<Jwk> = key_set
        .get("keys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|key| Jwk::parse(key).ok())
        .collect();
    let verified = crypto::verify_jws(token, &keys).map_err(|e| e.to_string())?;
    let text = |name: &str| {
        let value = verified.header.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    Ok(Verified {
        alg: text("alg"),
        kid: text("kid"),
        claims: verified.claims.clone(),
    })
}

/// 256 random bits as 43 characters that need no escaping anywhere.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 32];
    OsEntropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Compares without telling by its duration where the texts differ.
pub(crate) fn equal(a: &str, b: &str) -> bool {
    crypto::constant_time_eq(a.as_bytes(), b.as_bytes())
}

/// The `code_challenge` of a `code_verifier` by method `S256` (RFC 7636 §4.2).
pub(crate) fn s256(code_verifier: &str) -> String {
    crypto::sha256_base64url(code_verifier.as_bytes())
}

/// The `at_hash` of an access token (OpenID Connect Core §3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    crypto::left_half_hash(access_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn random_texts_are_long_enough_for_pkce_and_differ() {
        let (one, other) = (random_text(), random_text());
        assert_eq!(one.len(), 43, "RFC 7636 §4.1 asks for 43 to 128 characters");
        assert_ne!(one, other);
    }

    #[test]
    fn texts_of_different_length_are_not_equal() {
        assert!(equal("abc", "abc"));
        assert!(!equal("abc", "abd"));
        assert!(!equal("abc", "abcd"));
    }
}
