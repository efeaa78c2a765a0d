use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::X509Builder;
use serde_json::json;

use super::*;
use crate::key_material::private_key;
use crate::{Jwk, KeyAlgorithm, RsaBits, generate};

fn generated(algorithm: KeyAlgorithm) -> Value {
    generate(algorithm, "k".into(), "sig", RsaBits::Bits2048)
        .unwrap()
        .to_json()
}

fn public(algorithm: KeyAlgorithm) -> Value {
    generate(algorithm, "k".into(), "sig", RsaBits::Bits2048)
        .unwrap()
        .to_public()
        .to_json()
}

/// The key with other members; `null` takes one away.
fn with(key: &Value, changes: &Value) -> Value {
    let mut key = key.clone();
    for (name, value) in changes.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

#[track_caller]
fn check(json: &Value, outcome: Result<(), JwkFault>) {
    assert_eq!(Jwk::parse(json).map(|_| ()), outcome, "{json}");
}

fn cut(key: &Value, name: &str, by: usize) -> String {
    let text = key[name].as_str().unwrap();
    text[..text.len() - by].to_owned()
}

#[test]
fn elliptic_keys_must_be_whole_and_on_their_curve() {
    let key = public(KeyAlgorithm::Es256);
    check(&key, Ok(()));
    for (changes, fault) in [
        (json!({"kty": null}), JwkFault::UnknownType),
        (json!({"kty": "DSA"}), JwkFault::UnknownType),
        (json!({"kty": "ec"}), JwkFault::UnknownType),
        (json!({"crv": null}), JwkFault::UnknownCurve),
        (json!({"crv": "P-224"}), JwkFault::UnknownCurve),
        (json!({"crv": "P-384"}), JwkFault::WrongLength("x")),
        (json!({"y": null}), JwkFault::Missing("y")),
        (json!({"x": cut(&key, "x", 3)}), JwkFault::WrongLength("x")),
        (json!({"x": key["y"]}), JwkFault::NotOnCurve),
        (json!({"x": "!AAA"}), JwkFault::NotBase64("x")),
        (
            json!({"x": format!("{}=", key["x"].as_str().unwrap())}),
            JwkFault::NotBase64("x"),
        ),
        (json!({"x": 1}), JwkFault::WrongType("x")),
        (json!({"kid": 1}), JwkFault::WrongType("kid")),
        (json!({"d": ""}), JwkFault::Missing("d")),
        (json!({"d": "AAAA"}), JwkFault::WrongLength("d")),
        (json!({"k": "!"}), JwkFault::NotBase64("k")),
        (
            json!({"x5u": "https://keys.example/x"}),
            JwkFault::CertificateAddress,
        ),
    ] {
        check(&with(&key, &changes), Err(fault));
    }
}

#[test]
fn whether_an_elliptic_d_belongs_to_its_point_is_not_checked() {
    let (key, other) = (
        generated(KeyAlgorithm::Es256),
        generated(KeyAlgorithm::Es256),
    );
    check(&with(&key, &json!({"d": other["d"]})), Ok(()));
}

#[test]
fn edwards_keys_must_be_whole() {
    let key = generated(KeyAlgorithm::EdDsa);
    check(&key, Ok(()));
    for (changes, fault) in [
        (json!({"x": null}), JwkFault::Missing("x")),
        (json!({"crv": "X25519"}), JwkFault::UnknownCurve),
        (json!({"crv": "Ed448"}), JwkFault::UnknownCurve),
        (json!({"d": cut(&key, "d", 4)}), JwkFault::WrongLength("d")),
        (json!({"d": ""}), JwkFault::Missing("d")),
    ] {
        check(&with(&key, &changes), Err(fault));
    }
}

#[test]
fn the_numbers_of_rsa_keys_must_belong_together() {
    let (key, other) = (
        generated(KeyAlgorithm::Rs256),
        generated(KeyAlgorithm::Rs256),
    );
    for changes in [
        json!({}),
        json!({"dp": null}),
        json!({"dp": null, "dq": null, "qi": null}),
        json!({"oth": [{"r": other["p"], "d": "AQAB", "t": "AQAB"}]}),
    ] {
        check(&with(&key, &changes), Ok(()));
    }
    for (changes, fault) in [
        (json!({"p": null}), JwkFault::Missing("p")),
        (json!({"q": null}), JwkFault::Missing("q")),
        (json!({"e": null}), JwkFault::Missing("e")),
        (json!({"n": null}), JwkFault::Missing("n")),
        (json!({"d": other["d"]}), JwkFault::Inconsistent),
        (json!({"p": other["p"]}), JwkFault::Inconsistent),
        (json!({"dp": other["dp"]}), JwkFault::Inconsistent),
        (json!({"dq": other["dq"]}), JwkFault::Inconsistent),
        (json!({"qi": other["qi"]}), JwkFault::Inconsistent),
        (json!({"p": "AQ", "q": key["n"]}), JwkFault::Inconsistent),
    ] {
        check(&with(&key, &changes), Err(fault));
    }
    // Too small to sign or verify with, but a key.
    check(&json!({"kty": "RSA", "n": "AQAB", "e": "Aw"}), Ok(()));
    let boundless = "AQAB".repeat(1000);
    check(
        &json!({"kty": "RSA", "n": boundless, "e": "Aw"}),
        Err(JwkFault::WrongLength("n")),
    );
    let zeros = Jwk::parse(&json!({"kty": "RSA", "n": "AAEAAQ", "e": "AAM"})).unwrap();
    assert_eq!(zeros.to_json_text(), r#"{"kty":"RSA","n":"AQAB","e":"Aw"}"#);
}

#[test]
fn symmetric_keys_must_not_be_empty() {
    check(&json!({"kty": "oct", "k": "AA", "d": "AAAA"}), Ok(()));
    check(&json!({"kty": "oct"}), Err(JwkFault::Missing("k")));
    check(&json!({"kty": "oct", "k": ""}), Err(JwkFault::Missing("k")));
}

#[test]
fn what_is_no_object_is_no_key() {
    for json in [json!(null), json!("key"), json!([]), json!(1)] {
        check(&json, Err(JwkFault::NotAnObject));
    }
    check(&json!({}), Err(JwkFault::UnknownType));
}

#[test]
fn free_texts_are_kept_and_unknown_members_dropped() {
    let bare = with(
        &public(KeyAlgorithm::Es256),
        &json!({"kid": null, "use": null, "alg": null}),
    );
    let written = |changes: &Value| Jwk::parse(&with(&bare, changes)).unwrap().to_json();
    let expected = |more: &Value| {
        let mut all = bare.clone();
        all.as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        with(&all, more)
    };
    for (given, kept) in [
        (json!({}), json!({})),
        (
            json!({"use": "seal", "alg": "PARITY"}),
            json!({"use": "seal", "alg": "PARITY"}),
        ),
        (json!({"alg": "RS256"}), json!({"alg": "RS256"})),
        (
            json!({"kid": "", "use": "", "alg": "", "x5t": ""}),
            json!({}),
        ),
        (
            json!({"key_ops": ["verify"], "ext": true, "KID": "upper"}),
            json!({}),
        ),
        (json!({"k": "AAAA", "n": "AAAA"}), json!({})),
        (json!({"x5c": null, "x5u": null}), json!({})),
        (
            json!({"x5t": "A".repeat(27), "x5t#S256": "A".repeat(43)}),
            json!({"x5t": "A".repeat(27), "x5t#S256": "A".repeat(43)}),
        ),
    ] {
        assert_eq!(written(&given), expected(&kept));
    }
    check(
        &with(&bare, &json!({"x5t": "AAAA"})),
        Err(JwkFault::WrongLength("x5t")),
    );
}

/// A self-signed certificate of the key: DER.
fn certificate(key: &Value) -> Vec<u8> {
    let private = private_key(Jwk::parse(key).unwrap().material()).unwrap();
    let private = PKey::private_key_from_der(&private).unwrap();
    let mut builder = X509Builder::new().unwrap();
    builder.set_pubkey(&private).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(1_000_000).unwrap())
        .unwrap();
    builder.sign(&private, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

#[test]
fn certificates_must_be_the_keys_own() {
    let (key, other) = (
        generated(KeyAlgorithm::Es256),
        generated(KeyAlgorithm::Es384),
    );
    let (mine, foreign) = (certificate(&key), certificate(&other));
    let (x5t, x5t_s256) = (to_url(&Sha1::digest(&mine)), to_url(&Sha256::digest(&mine)));
    let chain = json!({"x5c": [to_std(&mine), to_std(&foreign)]});
    assert_eq!(
        Jwk::parse(&with(&key, &chain)).unwrap().to_json()["x5c"],
        chain["x5c"]
    );
    assert!(
        Jwk::parse(&with(&key, &json!({"x5c": []})))
            .unwrap()
            .to_json()
            .get("x5c")
            .is_none()
    );
    for (changes, outcome) in [
        (json!({"x5c": [to_std(&mine)]}), Ok(())),
        (
            json!({"x5c": [to_std(&mine)], "x5t": x5t, "x5t#S256": x5t_s256}),
            Ok(()),
        ),
        (
            json!({"x5c": [to_std(&foreign)]}),
            Err(JwkFault::Certificate),
        ),
        (
            json!({"x5c": [to_std(&foreign), to_std(&mine)]}),
            Err(JwkFault::Certificate),
        ),
        (json!({"x5c": ["bm8="]}), Err(JwkFault::Certificate)),
        (json!({"x5c": "bm8="}), Err(JwkFault::WrongType("x5c"))),
        (json!({"x5c": [to_url(&mine)]}), Err(JwkFault::Certificate)),
        (
            json!({"x5c": [to_std(&mine)], "x5t": "A".repeat(27)}),
            Err(JwkFault::Thumbprint("x5t")),
        ),
        (
            json!({"x5c": [to_std(&mine)], "x5t#S256": "A".repeat(43)}),
            Err(JwkFault::Thumbprint("x5t#S256")),
        ),
    ] {
        check(&with(&key, &changes), outcome);
    }
    let symmetric = json!({"kty": "oct", "k": "AA", "x5c": [to_std(&mine)]});
    check(&symmetric, Err(JwkFault::Certificate));
}
