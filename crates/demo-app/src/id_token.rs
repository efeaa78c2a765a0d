//! Validation of an ID token, in the steps of OpenID Connect Core §3.1.3.7.

use oauth_types::Timestamp;
use serde_json::{Map, Value};

use crate::jose;

/// How far the clocks of the two sides may differ, seconds.
const LEEWAY: i64 = 60;

/// What the token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    /// The access token that came along.
    pub(crate) access_token: &'a str,
    /// The subject of the ID token that this one follows, after a refresh (§12.2). Then `nonce`
    /// and `at_hash` may be missing, but not differ.
    pub(crate) same_subject: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// A valid ID token.
#[derive(Clone, Debug)]
pub(crate) struct IdToken {
    pub(crate) claims: Map<String, Value>,
    /// The checks that it passed: what, and the value.
    pub(crate) checks: Vec<(&'static str, String)>,
}

impl IdToken {
    /// A claim that is a text; empty if it is missing or something else.
    pub(crate) fn text(&self, claim: &str) -> &str {
        self.claims
            .get(claim)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// Why a token must not be believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdTokenFault {
    #[error("its signature cannot be verified: {0}")]
    Signature(String),
    #[error("it is signed with {0}, and RS256 is expected")]
    Algorithm(String),
    #[error("it has no usable claim {0}")]
    Missing(&'static str),
    #[error("it was issued by {found}, and {expected} is expected")]
    Issuer { found: String, expected: String },
    #[error("it is meant for somebody else")]
    Audience,
    #[error("it expired at {0}")]
    Expired(Timestamp),
    #[error("it was issued in the future, at {0}")]
    Future(Timestamp),
    #[error("its nonce is not the one that was sent: the answer belongs to another login")]
    Nonce,
    #[error("its at_hash is not that of the access token beside it")]
    AccessTokenHash,
    #[error("it names another subject than the one that logged in")]
    Subject,
}

/// Believes a token that came straight from the token endpoint, or says why not.
pub(crate) fn validate(
    token: &str,
    key_set: &Value,
    expected: &Expected<'_>,
) -> Result<IdToken, IdTokenFault> {
    // Step 6: the signature. (Over TLS and straight from the issuer it may be left out; we do not.)
    let verified = jose::verify(token, key_set).map_err(IdTokenFault::Signature)?;
    // Step 7: the algorithm is the one agreed upon.
    if verified.alg != "RS256" {
        return Err(IdTokenFault::Algorithm(verified.alg));
    }
    let Value::Object(claims) = verified.claims else {
        return Err(IdTokenFault::Missing("iss"));
    };
    let mut checks = vec![(
        "Signature",
        format!("{} by key {}", verified.alg, verified.kid),
    )];
    checks.extend(check_claims(&claims, expected)?);
    Ok(IdToken { claims, checks })
}

/// The steps behind the signature.
fn check_claims(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Vec<(&'static str, String)>, IdTokenFault> {
    let text = |name: &'static str| {
        let value = claims.get(name).and_then(Value::as_str);
        value.filter(|v| !v.is_empty())
    };
    let time = |name: &'static str| {
        let value = claims.get(name).and_then(Value::as_i64);
        value
            .map(Timestamp::from_secs)
            .ok_or(IdTokenFault::Missing(name))
    };
    let mut checks = Vec::new();

    // Step 2: `iss`.
    let issuer = text("iss").ok_or(IdTokenFault::Missing("iss"))?;
    if issuer != expected.issuer {
        return Err(IdTokenFault::Issuer {
            found: issuer.to_owned(),
            expected: expected.issuer.to_owned(),
        });
    }
    checks.push(("Issuer", issuer.to_owned()));

    // Steps 3 to 5: `aud`, and `azp` if there is one.
    let meant_for_us = match claims.get("aud") {
        Some(Value::String(one)) => one == expected.client_id,
        Some(Value::Array(many)) => many.iter().any(|a| a == expected.client_id),
        _ => return Err(IdTokenFault::Missing("aud")),
    };
    let party = text("azp");
    if !meant_for_us || party.is_some_and(|azp| azp != expected.client_id) {
        return Err(IdTokenFault::Audience);
    }
    checks.push(("Audience", expected.client_id.to_owned()));

    // Step 9: `exp`. Step 10: `iat`.
    let expires = time("exp")?;
    if expires.plus_secs(LEEWAY) <= expected.now {
        return Err(IdTokenFault::Expired(expires));
    }
    let issued = time("iat")?;
    if issued > expected.now.plus_secs(LEEWAY) {
        return Err(IdTokenFault::Future(issued));
    }
    checks.push(("Expiry", format!("valid until {expires}")));

    let after_refresh = expected.same_subject.is_some();
    // Step 11: `nonce`.
    match text("nonce") {
        Some(nonce) if !jose::equal(nonce, expected.nonce) => return Err(IdTokenFault::Nonce),
        Some(_) => checks.push(("Nonce", "the one we sent".to_owned())),
        None if after_refresh => {}
        None => return Err(IdTokenFault::Missing("nonce")),
    }
    // §3.1.3.8: `at_hash`.
    match text("at_hash") {
        Some(hash) if !jose::equal(hash, &jose::at_hash(expected.access_token)) => {
            return Err(IdTokenFault::AccessTokenHash);
        }
        Some(_) => checks.push(("Access token hash", "fits the access token".to_owned())),
        None if after_refresh => {}
        None => return Err(IdTokenFault::Missing("at_hash")),
    }
    // §12.2: a refresh never changes who is logged in.
    let subject = text("sub").ok_or(IdTokenFault::Missing("sub"))?;
    if expected.same_subject.is_some_and(|same| same != subject) {
        return Err(IdTokenFault::Subject);
    }
    Ok(checks)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn check(change: &[(&str, Value)], same_subject: Option<&str>) -> Result<usize, IdTokenFault> {
        let mut claims = json!({
            "iss": "http://127.0.0.1:4444/", "sub": "u", "aud": ["c"], "exp": NOW + 3600,
            "iat": NOW, "nonce": "n", "at_hash": jose::at_hash("token"),
        });
        for (name, value) in change {
            claims[*name] = value.clone();
        }
        let expected = Expected {
            same_subject,
            ..expected("n")
        };
        check_claims(claims.as_object().unwrap(), &expected).map(|checks| checks.len())
    }

    #[test]
    fn a_token_that_says_what_is_expected_passes() {
        assert_eq!(check(&[], None), Ok(5));
        assert_eq!(check(&[("aud", json!("c"))], None), Ok(5));
        assert_eq!(
            check(&[("exp", json!(NOW - 59))], None),
            Ok(5),
            "within the leeway"
        );
        assert_eq!(
            check(&[("nonce", Value::Null)], Some("u")),
            Ok(4),
            "after a refresh"
        );
        assert_eq!(
            check(&[("at_hash", Value::Null)], Some("u")),
            Ok(4),
            "after a refresh"
        );
    }

    #[test]
    fn every_claim_counts() {
        use IdTokenFault as F;
        for (claim, value, fault) in [
            (
                "iss",
                json!("http://127.0.0.1:4444"),
                F::Issuer {
                    found: "http://127.0.0.1:4444".into(),
                    expected: "http://127.0.0.1:4444/".into(),
                },
            ),
            ("iss", Value::Null, F::Missing("iss")),
            ("aud", json!(["d"]), F::Audience),
            ("aud", json!([]), F::Audience),
            ("aud", Value::Null, F::Missing("aud")),
            ("azp", json!("d"), F::Audience),
            (
                "exp",
                json!(NOW - 60),
                F::Expired(Timestamp::from_secs(NOW - 60)),
            ),
            ("exp", json!("soon"), F::Missing("exp")),
            (
                "iat",
                json!(NOW + 61),
                F::Future(Timestamp::from_secs(NOW + 61)),
            ),
            ("iat", Value::Null, F::Missing("iat")),
            ("nonce", json!("m"), F::Nonce),
            ("nonce", json!(""), F::Missing("nonce")),
            ("at_hash", json!("AAAA"), F::AccessTokenHash),
            ("at_hash", Value::Null, F::Missing("at_hash")),
            ("sub", json!(""), F::Missing("sub")),
        ] {
            assert_eq!(
                check(&[(claim, value.clone())], None),
                Err(fault),
                "{claim}={value}"
            );
        }
    }

    #[test]
    fn a_refresh_changes_neither_subject_nor_nonce() {
        assert_eq!(
            check(&[], Some("somebody else")),
            Err(IdTokenFault::Subject)
        );
        assert_eq!(
            check(&[("nonce", json!("m"))], Some("u")),
            Err(IdTokenFault::Nonce)
        );
    }

    fn expected<'a>(nonce: &'a str) -> Expected<'a> {
        Expected {
            issuer: "http://127.0.0.1:4444/",
            client_id: "c",
            nonce,
            access_token: "token",
            same_subject: None,
            now: Timestamp::from_secs(NOW),
        }
    }

    /// A public key, made for this test.
    const MODULUS: &str = "\
        p8RTdsYYLGAvJOswKFPs7fEvgma06wh50xTfaKC3bybSOc6L6q8ZdB3K7YvH8b8zV6MLuvIjUaNEyEJQ5g4y\
        TcS0OL60grk1qMrHSwcQd69EVve7cimMBOis3WXGLNbFOtKCQL93LtnwBkuDvy432RHXhcMhHVSIeko7odt0\
        Nbjy8qcs8-FMO7vCmSWVhUuUA4yRrr15T5BQYl59ha0Z5WV3yJlrdYZ0WX1LpmdQhnkPk9flUXxP_fjRMMOh\
        ONNCSVKHpnylWmYyMlgpKM8jH9Fu3m-IIOaNm79GEY4xuEnGJcVUbnV4VLUvXOA7M_vejchVlQVa8Qaj7vIx\
        g3TvvQ";
    /// Signed with it.
    const TOKEN: &str = "\
        eyJhbGciOiJSUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJhdF9oYXNoIjoiUEVhZW5XeFlkZE42U\
        V9OVDFQaU9ZUSIsImF1ZCI6WyJjIl0sImV4cCI6MTcwMDAwMzYwMCwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiO\
        iJodHRwOi8vMTI3LjAuMC4xOjQ0NDQvIiwibm9uY2UiOiJuIiwic3ViIjoidSJ9.Zx_lG0xDdGbNWkUxtAWi\
        Qs9AZgU_Vws-qaB9dtCZA-TWiqhIQ4tSHVroZtJkfo7Hq91R02ybTbz9GPLls4RgRNxira1ZMNLXX7N_dsyG\
        2xg9xplfkWpNflzwwLlRpI5p89gKtlpjM3RkurXbgyOvHjVq668-Tk5ksRwGkHi-FUFxwiWvOa0mclKQjCPY\
        V89RNuIYVPBkVTvFaAUgSI3dM_8vBHyS_npl94noOBn-cmOr543gBauD9cTOMQy2ctR5kruBF5F3HGrKebqN\
        nsWZSLedfm5xM2whCxAur5FpM8yqQgVkJ3gzUKFfXv6g-0lRAvDvaeXnu2KBuCAfkoafUw";

    fn key_set() -> Value {
        let key = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "e": "AQAB", "n": MODULUS,
        });
        let of_the_future = json!({"kty": "not known yet", "kid": "f"});
        json!({"keys": [of_the_future, key]})
    }

    #[test]
    fn a_signed_token_is_believed() {
        let token = validate(TOKEN, &key_set(), &expected("n")).unwrap();
        assert_eq!(token.text("sub"), "u");
        assert_eq!(token.checks[0], ("Signature", "RS256 by key k".to_owned()));
        let fault = validate(TOKEN, &key_set(), &expected("m")).unwrap_err();
        assert_eq!(fault, IdTokenFault::Nonce);
    }

    #[test]
    fn a_changed_or_unsigned_token_is_not_believed() {
        let changed = TOKEN.replacen(".eyJ", ".eyK", 1);
        let cut = TOKEN.rsplit_once('.').unwrap().0.to_owned() + ".";
        let unsigned = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJpIn0.".to_owned();
        for token in [changed, cut, unsigned, String::new(), "a.b.c".into()] {
            let fault = validate(&token, &key_set(), &expected("n")).unwrap_err();
            assert!(
                matches!(fault, IdTokenFault::Signature(_)),
                "{token}: {fault}"
            );
        }
        for keys in [
            json!({"keys": []}),
            json!(null),
            json!(7),
            json!({"keys": {}}),
        ] {
            let fault = validate(TOKEN, &keys, &expected("n")).unwrap_err();
            assert!(
                matches!(fault, IdTokenFault::Signature(_)),
                "{keys}: {fault}"
            );
        }
    }
}
