//! Key sets under administration: what signs after a change, and what a bad body leaves alone.

use oauth_types::ErrorCode;
use provider::KeyRequest;
use serde_json::Value;
use test_support::World;

const ID_TOKENS: &str = "hydra.openid.id-token";
const SHARED: &str = r#"{"kty":"oct","kid":"shared","k":"AAAA"}"#;

fn wanted(alg: &str, kid: &str) -> KeyRequest {
    KeyRequest {
        alg: alg.to_owned(),
        kid: kid.to_owned(),
        key_use: String::new(),
    }
}

/// The ids of a set's keys, in order.
fn kids(set: &str) -> Vec<String> {
    let set: Value = serde_json::from_str(set).unwrap_or_default();
    let keys = set["keys"].as_array();
    keys.into_iter()
        .flatten()
        .map(|key| key["kid"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The clock of a world stands still, so only the domain can keep the order.
#[tokio::test]
async fn the_newest_key_comes_first_and_signs_at_once() {
    let world = World::new();
    for (alg, kid) in [("ES256", "first"), ("EdDSA", "second"), ("ES384", "third")] {
        let made = world.provider.create_key(ID_TOKENS, wanted(alg, kid)).await;
        assert_eq!(kids(&made.unwrap()), [kid]);
        let discovery = world.provider.discovery().await.unwrap();
        assert_eq!(discovery.signing_alg, alg);
    }
    let set = world.provider.key_set(ID_TOKENS).await.unwrap();
    assert_eq!(kids(&set), ["third", "second", "first"]);
    assert_eq!(kids(&world.provider.jwks().await.unwrap()), kids(&set));

    world.provider.delete_key(ID_TOKENS, "third").await.unwrap();
    let discovery = world.provider.discovery().await.unwrap();
    assert_eq!(discovery.signing_alg, "EdDSA");
}

#[tokio::test]
async fn a_key_is_made_once() {
    let world = World::new();
    let provider = &world.provider;
    let first = provider.create_key("a", wanted("ES256", "k")).await;
    let first = first.unwrap();
    let again = provider.create_key("a", wanted("EdDSA", "k")).await;
    assert!(again.unwrap_err().is(ErrorCode::Duplicate));
    assert_eq!(provider.key_set("a").await.unwrap(), first);
    provider
        .create_key("b", wanted("ES256", "k"))
        .await
        .unwrap();
}

#[tokio::test]
async fn only_algorithms_that_sign_are_generated() {
    let world = World::new();
    for alg in ["", "HS256", "none", "es256", "ES256 "] {
        let made = world.provider.create_key("a", wanted(alg, "k")).await;
        let error = made.unwrap_err();
        assert!(error.is(ErrorCode::BadRequest), "{alg}");
        assert_eq!(error.description(false), "Unsupported key algorithm");
    }
    let set = world.provider.key_set("a").await;
    assert!(set.unwrap_err().is(ErrorCode::ResourceNotFound));
}

#[tokio::test]
async fn a_set_is_replaced_whole_or_not_at_all() {
    let world = World::new();
    let provider = &world.provider;
    let other = SHARED.replace("shared", "other");
    let both = vec![SHARED.to_owned(), other.clone()];
    let put = provider.put_key_set("a", Some(both)).await.unwrap();
    assert_eq!(kids(&put), ["shared", "other"]);
    let stored = provider.key_set("a").await.unwrap();
    assert_eq!(kids(&stored), ["other", "shared"], "the last is the newest");

    for (keys, code) in [
        (
            vec![SHARED.to_owned(), "{}".to_owned()],
            ErrorCode::Malformed,
        ),
        (vec!["null".to_owned()], ErrorCode::Malformed),
        (vec![other.clone(), other.clone()], ErrorCode::Duplicate),
        (
            vec![SHARED.replace("shared", &"k".repeat(256))],
            ErrorCode::Malformed,
        ),
    ] {
        let put = provider.put_key_set("a", Some(keys)).await;
        assert!(put.unwrap_err().is(code));
        assert_eq!(provider.key_set("a").await.unwrap(), stored);
    }

    provider.put_key("a", SHARED.to_owned()).await.unwrap();
    let stored = provider.key_set("a").await.unwrap();
    assert_eq!(kids(&stored), ["shared", "other"], "a key put anew leads");
    let put = provider.put_key_set("a", None).await.unwrap();
    assert_eq!(&*put, r#"{"keys":null}"#);
    assert!(provider.key_set("a").await.is_err());
}

/// Q-20 and its like: what cannot sign or must not be shown does not keep the rest from being
/// published.
#[tokio::test]
async fn odd_keys_do_not_hide_the_published_set() {
    let world = World::new();
    let provider = &world.provider;
    provider
        .create_key(ID_TOKENS, wanted("ES256", "good"))
        .await
        .unwrap();
    provider
        .put_key(ID_TOKENS, SHARED.to_owned())
        .await
        .unwrap();
    assert_eq!(kids(&provider.jwks().await.unwrap()), ["good"]);

    let good = provider.key(ID_TOKENS, "good").await.unwrap();
    let good: Value = serde_json::from_str(&good).unwrap();
    let mut odd = good["keys"][0].clone();
    odd["alg"] = "PARITY".into();
    odd["kid"] = "odd".into();
    provider.put_key(ID_TOKENS, odd.to_string()).await.unwrap();
    assert_eq!(kids(&provider.jwks().await.unwrap()), ["odd", "good"]);
}

/// A set of public keys alone is published as it is; what has to sign gets a key.
#[tokio::test]
async fn publishing_makes_a_key_only_where_there_is_none() {
    let world = World::new();
    let provider = &world.provider;
    let made = provider.create_key("elsewhere", wanted("EdDSA", "public"));
    let mut key: Value = serde_json::from_str(&made.await.unwrap()).unwrap();
    let key = key["keys"][0].as_object_mut().unwrap();
    key.remove("d");
    let key = Value::Object(key.clone()).to_string();
    provider
        .put_key_set(ID_TOKENS, Some(vec![key]))
        .await
        .unwrap();
    assert_eq!(kids(&provider.jwks().await.unwrap()), ["public"]);
    let discovery = provider.discovery().await.unwrap();
    assert_eq!(discovery.signing_alg, "RS256");
    assert_eq!(kids(&provider.jwks().await.unwrap()).len(), 2);

    provider.delete_key_set(ID_TOKENS).await.unwrap();
    assert_eq!(kids(&provider.jwks().await.unwrap()).len(), 1);
}

#[tokio::test]
async fn deleting_what_is_not_there_is_no_error() {
    let world = World::new();
    world.provider.delete_key("a", "k").await.unwrap();
    world.provider.delete_key_set("a").await.unwrap();
}
