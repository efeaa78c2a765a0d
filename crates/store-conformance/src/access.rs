//! Access tokens: kept for an unchanged client only, found while they live.

use client_registry::ClientReplaced;
use oauth_types::{ClientVersion, Found, Guarded};

use crate::lab::{conflict, ok, some};
use crate::records::{self, guard, machine_access};
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    access_token_is_found_with_the_version_of_its_client,
    access_token_needs_an_unchanged_client,
    access_token_needs_a_client,
    taken_access_signature_is_a_conflict,
    many_access_tokens_are_kept_at_once,
    expired_access_token_is_found,
    removed_access_token_is_gone,
    access_tokens_of_a_client_are_removed_and_refresh_tokens_stay,
    access_tokens_are_removed_of_the_very_client,
);

/// Every member of a record comes back, a large session too, with the client's version of now.
pub async fn access_token_is_found_with_the_version_of_its_client<S: Backend>(lab: Lab<S>) {
    let client = lab.client("machine").await;
    let mut token = machine_access("a", "machine");
    token.payload = records::large_payload();
    let put = lab.store.put_access(token.clone(), guard(&client)).await;
    assert_eq!(ok(put), Guarded::Done);
    for version in 1..3 {
        let expected = Found {
            record: token.clone(),
            client_version: ClientVersion(version),
        };
        let found = ok(lab.store.access(&token.signature).await);
        assert_eq!(found, Some(expected));
        ok(lab
            .store
            .replace(records::changed(&client), client.version)
            .await);
    }
    let unknown = machine_access("unknown", "machine").signature;
    assert_eq!(ok(lab.store.access(&unknown).await), None);
}

/// A decision made on an older version of the client keeps nothing.
pub async fn access_token_needs_an_unchanged_client<S: Backend>(lab: Lab<S>) {
    let old = lab.client("machine").await;
    let new = records::changed(&old);
    let replaced = lab.store.replace(new.clone(), old.version).await;
    assert_eq!(ok(replaced), ClientReplaced::Done);
    let token = machine_access("a", "machine");
    let put = lab.store.put_access(token.clone(), guard(&old)).await;
    assert_eq!(ok(put), Guarded::ClientChanged);
    assert!(!lab.has_access(&token.signature).await);
    let put = lab.store.put_access(token.clone(), guard(&new)).await;
    assert_eq!(ok(put), Guarded::Done);
    assert!(lab.has_access(&token.signature).await);
}

/// Nothing is kept for a client that was deleted or never was.
pub async fn access_token_needs_a_client<S: Backend>(lab: Lab<S>) {
    let client = lab.client("machine").await;
    let token = machine_access("a", "machine");
    assert!(ok(lab.store.delete(&client.id).await));
    let put = lab.store.put_access(token.clone(), guard(&client)).await;
    assert_eq!(ok(put), Guarded::ClientChanged);
    let other = records::client("Machine");
    let put = lab
        .store
        .put_access(machine_access("a", "Machine"), guard(&other));
    assert_eq!(ok(put.await), Guarded::ClientChanged);
    lab.client("machine").await;
    assert!(!lab.has_access(&token.signature).await);
}

/// Two tokens of one signature are a conflict; the first stays as it is.
pub async fn taken_access_signature_is_a_conflict<S: Backend>(lab: Lab<S>) {
    let client = lab.client("machine").await;
    let first = machine_access("a", "machine");
    let put = lab.store.put_access(first.clone(), guard(&client)).await;
    assert_eq!(ok(put), Guarded::Done);
    let mut second = first.clone();
    second.payload = records::payload("second");
    conflict(&lab.store.put_access(second, guard(&client)).await);
    let found = some(ok(lab.store.access(&first.signature).await));
    assert_eq!(found.record, first);
}

/// Tokens of one client can be kept by many callers at once.
pub async fn many_access_tokens_are_kept_at_once<S: Backend>(lab: Lab<S>) {
    let client = lab.client("machine").await;
    let token = |caller: usize| machine_access(&caller.to_string(), "machine");
    let outcomes = lab.race(CALLERS, |store, caller| {
        let guard = guard(&client);
        async move { store.put_access(token(caller), guard).await }
    });
    assert_eq!(outcomes.await, [Guarded::Done; CALLERS]);
    for caller in 0..CALLERS {
        let found = ok(lab.store.access(&token(caller).signature).await);
        assert_eq!(some(found).record, token(caller));
    }
}

/// A back end has no clock: expiry is the caller's to judge.
pub async fn expired_access_token_is_found<S: Backend>(lab: Lab<S>) {
    let client = lab.client("machine").await;
    let mut token = machine_access("a", "machine");
    token.expires_at = records::at(-1_000_000_000);
    let put = lab.store.put_access(token.clone(), guard(&client)).await;
    assert_eq!(ok(put), Guarded::Done);
    let found = some(ok(lab.store.access(&token.signature).await));
    assert_eq!(found.record, token);
}

/// Removing a token, of a grant or alone, removes it and nothing else; twice is no error.
pub async fn removed_access_token_is_gone<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    let (_, tokens) = lab.redeemed("f", "web", "alice").await;
    let alone = machine_access("a", "web");
    let other = machine_access("b", "web");
    for token in [&alone, &other] {
        let put = lab.store.put_access(token.clone(), guard(&client)).await;
        assert_eq!(ok(put), Guarded::Done);
    }
    for signature in [&tokens.access.signature, &alone.signature] {
        for _ in 0..2 {
            ok(lab.store.remove_access(signature).await);
            assert!(!lab.has_access(signature).await);
        }
    }
    assert!(lab.has_access(&other.signature).await);
    let refresh = some(tokens.refresh);
    assert!(lab.has_live_refresh(&refresh.signature).await);
}

/// Removing all access tokens of a client leaves its refresh tokens and other clients' tokens.
pub async fn access_tokens_of_a_client_are_removed_and_refresh_tokens_stay<S: Backend>(
    lab: Lab<S>,
) {
    let (web, _) = (lab.client("web").await, lab.client("app").await);
    let (family, tokens) = lab.redeemed("f", "web", "alice").await;
    let (_, other) = lab.redeemed("g", "app", "alice").await;
    let alone = machine_access("a", "web");
    let put = lab.store.put_access(alone.clone(), guard(&web)).await;
    assert_eq!(ok(put), Guarded::Done);
    ok(lab.store.remove_access_of(&web.id).await);
    assert!(!lab.has_access(&alone.signature).await);
    assert!(!lab.has_access(&tokens.access.signature).await);
    assert!(lab.has_access(&other.access.signature).await);
    let refresh = some(tokens.refresh);
    assert!(lab.has_live_refresh(&refresh.signature).await);
    let rotation = records::rotation(&family.grant, &refresh, "next");
    let new = rotation.new.clone();
    ok(lab.store.rotate_refresh(rotation).await);
    assert!(lab.has_live(&new).await);
    ok(lab.store.remove_access_of(&"nobody".into()).await);
}

/// Clients whose ids a database likes to mix up keep their tokens apart.
pub async fn access_tokens_are_removed_of_the_very_client<S: Backend>(lab: Lab<S>) {
    for id in records::odd_texts() {
        let client = lab.client(&id).await;
        let put = lab
            .store
            .put_access(machine_access("a", &id), guard(&client));
        assert_eq!(ok(put.await), Guarded::Done, "{id:?}");
    }
    ok(lab.store.remove_access_of(&"ab".into()).await);
    assert!(ok(lab.store.delete(&"a%".into()).await));
    for id in records::odd_texts() {
        let token = machine_access("a", &id);
        let there = id != "ab" && id != "a%";
        assert_eq!(lab.has_access(&token.signature).await, there, "{id:?}");
    }
}
