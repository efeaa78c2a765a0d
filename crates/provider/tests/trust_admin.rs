//! Trusted issuers: their keys come and go with them.

use oauth_types::{ErrorCode, Page, Timestamp};
use provider::TrustRequest;
use test_support::World;

const IDP: &str = "https://idp.example";

fn key(kid: &str, k: &str) -> String {
    format!(r#"{{"kty":"oct","kid":"{kid}","k":"{k}"}}"#)
}

fn issuer(subject: &str, kid: &str) -> TrustRequest {
    TrustRequest {
        issuer: IDP.to_owned(),
        subject: subject.to_owned(),
        scope: vec!["read".to_owned()],
        jwk: Some(key(kid, "AAAA")),
        expires_at: Some(Timestamp::from_secs(4_000_000_000)),
        ..TrustRequest::default()
    }
}

#[tokio::test]
async fn an_issuer_is_trusted_once_for_a_subject_and_key() {
    let world = World::new();
    let provider = &world.provider;
    let first = provider.trust_issuer(issuer("alice", "k")).await.unwrap();
    assert_eq!(provider.trusted_issuer(&first.id).await.unwrap(), first);
    let again = provider.trust_issuer(issuer("alice", "k")).await;
    assert!(again.unwrap_err().is(ErrorCode::Duplicate));
    for (subject, kid) in [("bob", "k"), ("alice", "k2")] {
        provider.trust_issuer(issuer(subject, kid)).await.unwrap();
    }
    let any = TrustRequest {
        allow_any_subject: true,
        ..issuer("", "k")
    };
    provider.trust_issuer(any.clone()).await.unwrap();
    let again = provider.trust_issuer(any).await;
    assert!(again.unwrap_err().is(ErrorCode::Duplicate));
    let page = Page {
        offset: 0,
        size: 10,
    };
    let all = provider.trusted_issuers(Some(IDP), page).await;
    assert_eq!(all.unwrap().total, 4);
}

/// Hydra: whoever may trust one more subject must not exchange the key of the others.
#[tokio::test]
async fn a_key_that_is_there_stays() {
    let world = World::new();
    let provider = &world.provider;
    provider.trust_issuer(issuer("alice", "k")).await.unwrap();
    let mut other = issuer("bob", "k");
    other.jwk = Some(key("k", "BBBB"));
    provider.trust_issuer(other).await.unwrap();
    let stored = provider.key(IDP, "k").await.unwrap();
    assert!(stored.contains("AAAA"), "{stored}");
}

#[tokio::test]
async fn the_key_goes_with_the_last_record_that_needs_it() {
    let world = World::new();
    let provider = &world.provider;
    let first = provider.trust_issuer(issuer("alice", "k")).await.unwrap();
    let second = provider.trust_issuer(issuer("bob", "k")).await.unwrap();
    provider.distrust_issuer(&first.id).await.unwrap();
    assert!(provider.trusted_issuer(&second.id).await.is_ok());
    assert!(provider.key(IDP, "k").await.is_ok());
    provider.distrust_issuer(&second.id).await.unwrap();
    assert!(provider.key(IDP, "k").await.is_err());
    let again = provider.distrust_issuer(&second.id).await;
    assert!(again.unwrap_err().is(ErrorCode::RowNotFound));
}

#[tokio::test]
async fn a_record_goes_with_its_key_but_stays_when_the_key_is_replaced() {
    let world = World::new();
    let provider = &world.provider;
    let record = provider.trust_issuer(issuer("alice", "k")).await.unwrap();
    provider.put_key(IDP, key("k", "BBBB")).await.unwrap();
    let both = vec![key("k", "CCCC"), key("k2", "AAAA")];
    provider.put_key_set(IDP, Some(both)).await.unwrap();
    assert!(provider.trusted_issuer(&record.id).await.is_ok());
    provider.delete_key(IDP, "k").await.unwrap();
    assert!(provider.trusted_issuer(&record.id).await.is_err());
}

#[tokio::test]
async fn what_is_refused_leaves_no_key() {
    let world = World::new();
    let provider = &world.provider;
    for (change, code) in [
        (
            TrustRequest {
                jwk: Some("null".to_owned()),
                ..issuer("alice", "k")
            },
            ErrorCode::Malformed,
        ),
        (issuer("", "k"), ErrorCode::MissingRequiredParameter),
        (issuer(&"a".repeat(256), "k"), ErrorCode::Malformed),
        (issuer("alice", &"k".repeat(256)), ErrorCode::Malformed),
    ] {
        let refused = provider.trust_issuer(change).await.unwrap_err();
        assert!(refused.is(code), "{refused:?}");
        assert!(provider.key_set(IDP).await.is_err());
    }
}
