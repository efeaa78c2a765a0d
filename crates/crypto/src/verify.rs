use serde_json::Value;

use crate::encoding::from_url;
use crate::jwk::Jwk;
use crate::key_algorithm::KeyAlgorithm;

/// Longer tokens are not looked at. Bytes.
const MAX_TOKEN: usize = 64 * 1024;
/// A set with more keys that fit is not tried any further.
const MAX_TRIES: usize = 32;

/// A JWT whose signature is good. Nothing else about it was checked: neither times nor parties.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedJws {
    /// The protected header, a JSON object.
    pub header: Value,
    /// The claims, a JSON object.
    pub claims: Value,
}

/// A JWT that anybody may have written: good for finding out whose keys to verify it with.
#[derive(Clone, Debug, PartialEq)]
pub struct UnverifiedJws {
    /// The protected header, a JSON object.
    pub header: Value,
    /// The claims, a JSON object.
    pub claims: Value,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It has more than 64 KiB.
    #[error("the token is too long")]
    TooLong,
    /// It is not three parts of base64url with dots between them (RFC 7515 §7.1).
    #[error("the token does not have three parts of base64url")]
    Malformed,
    /// Its header is no JSON object.
    #[error("the token's header is no JSON object")]
    Header,
    /// Its `alg` is missing, `none`, symmetric or unknown.
    #[error("the token's algorithm is not supported")]
    UnknownAlgorithm,
    /// It demands an extension (`crit`, RFC 7515 §4.1.11), and none is known here.
    #[error("the token demands an unknown extension")]
    Critical,
    /// No key is of the type that its algorithm uses.
    #[error("no key fits the token's algorithm")]
    NoKey,
    /// No key yields its signature.
    #[error("the token's signature is wrong")]
    Signature,
    /// Its claims are no JSON object.
    #[error("the token's claims are no JSON object")]
    Claims,
}

/// Verifies a token by any of the keys, and only then reads its claims.
///
/// A key counts if it is of the type of the token's algorithm (RFC 8725 §3.1); its `alg` and `use`
/// do not count. Keys of the token's `kid` are tried first.
///
/// # Errors
/// See [`VerifyError`].
pub fn verify_jws(token: &str, keys: &[Jwk]) -> Result<VerifiedJws, VerifyError> {
    let parts = Parts::of(token)?;
    let header = parts.header()?;
    let algorithm = header["alg"]
        .as_str()
        .and_then(KeyAlgorithm::parse)
        .ok_or(VerifyError::UnknownAlgorithm)?;
    if header.get("crit").is_some() {
        return Err(VerifyError::Critical);
    }
    let kid = header["kid"].as_str();
    let (named, others): (Vec<_>, Vec<_>) = keys.iter().partition(|key| Some(key.kid()) == kid);
    let verifiers = named
        .into_iter()
        .chain(others)
        .filter_map(|key| key.verifier(algorithm));
    let mut outcome = VerifyError::NoKey;
    for verifier in verifiers.take(MAX_TRIES) {
        if verifier
            .verify(parts.signed.as_bytes(), &parts.signature)
            .is_ok()
        {
            return Ok(VerifiedJws {
                claims: parts.claims()?,
                header,
            });
        }
        outcome = VerifyError::Signature;
    }
    Err(outcome)
}

/// Reads a token without verifying it.
///
/// # Errors
/// See [`VerifyError`]; nothing about algorithms, keys and signatures.
pub fn peek(token: &str) -> Result<UnverifiedJws, VerifyError> {
    let parts = Parts::of(token)?;
    Ok(UnverifiedJws {
        header: parts.header()?,
        claims: parts.claims()?,
    })
}

/// The compact serialization (RFC 7515 §7.1), decoded.
struct Parts<'a> {
    signed: &'a str,
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, VerifyError> {
        if token.len() > MAX_TOKEN {
            return Err(VerifyError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(VerifyError::Malformed)?;
        let decode = |part| from_url(part).ok_or(VerifyError::Malformed);
        Ok(Self {
            signed,
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    fn header(&self) -> Result<Value, VerifyError> {
        object(&self.header).ok_or(VerifyError::Header)
    }

    fn claims(&self) -> Result<Value, VerifyError> {
        object(&self.payload).ok_or(VerifyError::Claims)
    }
}

fn object(json: &[u8]) -> Option<Value> {
    serde_json::from_slice(json).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::encoding::to_url;
    use crate::{RsaBits, Signer, generate};

    fn generated(algorithm: KeyAlgorithm, kid: &str) -> Jwk {
        generate(algorithm, kid.into(), "sig", RsaBits::Bits2048).unwrap()
    }

    fn signed(key: &Jwk) -> String {
        Signer::new(key)
            .unwrap()
            .sign_jwt(r#"{"sub":"alice"}"#)
            .unwrap()
    }

    #[track_caller]
    fn check(token: &str, keys: &[Jwk], error: VerifyError) {
        assert_eq!(verify_jws(token, keys), Err(error), "{token}");
    }

    #[test]
    fn every_algorithm_verifies_by_its_public_key_and_by_no_other() {
        for algorithm in KeyAlgorithm::ALL {
            let (key, other) = (generated(algorithm, "k"), generated(algorithm, "k"));
            let token = signed(&key);
            let keys = [other.to_public(), key.to_public()];
            let verified = verify_jws(&token, &keys).unwrap();
            assert_eq!(
                verified.header,
                json!({"alg": algorithm.as_str(), "kid": "k", "typ": "JWT"})
            );
            assert_eq!(verified.claims, json!({"sub": "alice"}));
            check(&token, &keys[..1], VerifyError::Signature);
            check(&token, &[], VerifyError::NoKey);
        }
    }

    #[test]
    fn a_changed_token_is_not_believed() {
        let key = generated(KeyAlgorithm::Es256, "k");
        let token = signed(&key);
        let parts: Vec<&str> = token.split('.').collect();
        let keys = [key.to_public()];
        let claims = to_url(br#"{"sub":"mallory"}"#);
        check(
            &format!("{}.{claims}.{}", parts[0], parts[2]),
            &keys,
            VerifyError::Signature,
        );
        let zeros = to_url(&[0; 64]);
        check(
            &format!("{}.{}.{zeros}", parts[0], parts[1]),
            &keys,
            VerifyError::Signature,
        );
        check(
            &format!("{}.{}.", parts[0], parts[1]),
            &keys,
            VerifyError::Signature,
        );
        check(
            &format!("{}.{}.!", parts[0], parts[1]),
            &keys,
            VerifyError::Malformed,
        );
    }

    #[test]
    fn the_algorithm_must_fit_the_key() {
        let rsa = generated(KeyAlgorithm::Rs256, "k");
        let token = |header: Value| {
            format!(
                "{}.{}.AAAA",
                to_url(header.to_string().as_bytes()),
                to_url(b"{}")
            )
        };
        let public = to_url(rsa.to_public().to_json_text().as_bytes());
        let symmetric = Jwk::parse(&json!({"kty": "oct", "k": public})).unwrap();
        let keys = [rsa.to_public(), symmetric];
        for (header, error) in [
            (json!({"alg": "none"}), VerifyError::UnknownAlgorithm),
            (json!({"alg": "None"}), VerifyError::UnknownAlgorithm),
            (json!({"alg": "HS256"}), VerifyError::UnknownAlgorithm),
            (json!({}), VerifyError::UnknownAlgorithm),
            (json!({"alg": 1}), VerifyError::UnknownAlgorithm),
            (json!({"alg": "ES256"}), VerifyError::NoKey),
            (json!({"alg": "EdDSA"}), VerifyError::NoKey),
            (json!({"alg": "PS256"}), VerifyError::Signature),
            (
                json!({"alg": "RS256", "crit": ["b64"]}),
                VerifyError::Critical,
            ),
            (json!([]), VerifyError::Header),
        ] {
            check(&token(header), &keys, error);
        }
        let curve = generated(KeyAlgorithm::Es384, "k").to_public();
        check(
            &token(json!({"alg": "ES256"})),
            &[curve],
            VerifyError::NoKey,
        );
        let small = Jwk::parse(&json!({"kty": "RSA", "n": "AQAB", "e": "Aw"})).unwrap();
        check(
            &token(json!({"alg": "RS256"})),
            &[small],
            VerifyError::NoKey,
        );
    }

    #[test]
    fn an_rsa_key_verifies_more_than_one_algorithm() {
        let mut json = generated(KeyAlgorithm::Rs256, "k").to_json();
        let key = Jwk::parse(&json).unwrap().to_public();
        for algorithm in ["RS256", "PS512", "RS384", "RS256"] {
            json["alg"] = algorithm.into();
            let token = signed(&Jwk::parse(&json).unwrap());
            assert!(
                verify_jws(&token, std::slice::from_ref(&key)).is_ok(),
                "{algorithm}"
            );
        }
    }

    #[test]
    fn the_key_of_the_tokens_kid_is_tried_first_but_not_alone() {
        let key = generated(KeyAlgorithm::EdDsa, "mine");
        let mut json = key.to_json();
        json["kid"] = "renamed".into();
        let renamed = Jwk::parse(&json).unwrap().to_public();
        let others = (0..MAX_TRIES).map(|_| generated(KeyAlgorithm::EdDsa, "other").to_public());
        let mut keys: Vec<Jwk> = others.collect();
        keys.push(key.to_public());
        assert!(verify_jws(&signed(&key), &keys).is_ok());
        assert!(verify_jws(&signed(&key), &[renamed]).is_ok());
    }

    #[test]
    fn claims_are_read_after_the_signature() {
        let key = generated(KeyAlgorithm::EdDsa, "k");
        let signer = Signer::new(&key).unwrap();
        for claims in ["", "[]", "1", "{"] {
            let token = signer.sign_jwt(claims).unwrap();
            check(&token, &[key.to_public()], VerifyError::Claims);
            let foreign = generated(KeyAlgorithm::EdDsa, "k").to_public();
            check(&token, &[foreign], VerifyError::Signature);
        }
    }

    #[test]
    fn peeking_needs_no_key() {
        let token = format!(
            "{}.{}.AA",
            to_url(br#"{"alg":"none"}"#),
            to_url(br#"{"a":1}"#)
        );
        let seen = peek(&token).unwrap();
        assert_eq!(
            (seen.header, seen.claims),
            (json!({"alg": "none"}), json!({"a": 1}))
        );
        for (token, error) in [
            ("", VerifyError::Malformed),
            ("a.b", VerifyError::Malformed),
            ("a.b.c.d", VerifyError::Malformed),
            ("..", VerifyError::Header),
            ("e30..", VerifyError::Claims),
            (&"A".repeat(MAX_TOKEN + 1), VerifyError::TooLong),
        ] {
            assert_eq!(peek(token), Err(error), "{token:.20}");
        }
    }
}
