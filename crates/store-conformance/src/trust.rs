//! Trusted issuers and used assertion ids.

use std::slice::from_ref;

use oauth_core::{Claimed, IssuerRecord};
use oauth_types::{Page, Subject};

use crate::lab::{conflict, ok, one_wins};
use crate::records::{self, at};
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    issuer_is_found_as_it_was_kept,
    issuer_needs_its_key,
    issuer_subject_and_key_are_trusted_once,
    issuers_are_listed_by_id,
    total_counts_issuers_whatever_the_filter,
    issuers_for_a_subject_come_before_those_for_any,
    at_most_a_hundred_issuers_vouch_for_a_subject,
    issuers_and_subjects_are_compared_exactly,
    key_goes_with_the_last_issuer_that_uses_it,
    assertion_is_claimed_once,
    expired_claim_can_be_claimed_again,
    claims_of_namespaces_do_not_mix,
    one_of_many_claims_an_assertion,
    one_of_many_claims_an_expired_assertion,
);

const ALL: Page = Page {
    offset: 0,
    size: 500,
};

/// Every member of a record comes back.
pub async fn issuer_is_found_as_it_was_kept<S: Backend>(lab: Lab<S>) {
    let any = IssuerRecord {
        scope: vec![],
        created_at: at(7),
        expires_at: at(8),
        ..records::issuer("any", "https://a", None, "k")
    };
    let one = records::issuer("one", "https://a", Some("a \u{1f980}"), "k");
    ok(lab.store.add_key(records::key("https://a", "k", 0)).await);
    for issuer in [any, one] {
        assert_eq!(ok(lab.store.issuer(&issuer.id).await), None);
        ok(lab.store.create_issuer(issuer.clone()).await);
        let found = ok(lab.store.issuer(&issuer.id).await);
        assert_eq!(found, Some(issuer));
    }
}

/// Trust in a key that its set does not have is a conflict.
pub async fn issuer_needs_its_key<S: Backend>(lab: Lab<S>) {
    ok(lab.store.add_key(records::key("https://a", "k", 0)).await);
    for (set, kid) in [("https://a", "K"), ("https://A", "k"), ("https://b", "k")] {
        let issuer = records::issuer("a", set, None, kid);
        conflict(&lab.store.create_issuer(issuer.clone()).await);
        assert_eq!(ok(lab.store.issuer(&issuer.id).await), None);
    }
}

/// One subject, or "any", cannot be trusted twice at one issuer with one key; and ids are unique.
pub async fn issuer_subject_and_key_are_trusted_once<S: Backend>(lab: Lab<S>) {
    for kid in ["k", "l"] {
        ok(lab.store.add_key(records::key("https://a", kid, 0)).await);
    }
    let trust = |name: &str, subject, kid: &str| {
        let issuer = records::issuer(name, "https://a", subject, kid);
        lab.store.create_issuer(issuer)
    };
    ok(trust("1", None, "k").await);
    conflict(&trust("2", None, "k").await);
    ok(trust("3", Some("alice"), "k").await);
    conflict(&trust("4", Some("alice"), "k").await);
    ok(trust("5", Some("Alice"), "k").await);
    ok(trust("6", None, "l").await);
    conflict(&trust("6", Some("bob"), "l").await);
    assert_eq!(ok(lab.store.issuers(None, ALL).await).total, 4);
}

/// Lists are in ascending order of the id; pages may be small, large or beyond the end.
pub async fn issuers_are_listed_by_id<S: Backend>(lab: Lab<S>) {
    let mut all = trusted(&lab, "https://a", 5).await;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    for (offset, size, expected) in [
        (0, 100, &all[..]),
        (0, 1, &all[..1]),
        (3, 1, &all[3..4]),
        (1, 3, &all[1..4]),
        (4, 3, &all[4..]),
        (5, 3, &[]),
        (100_000, 3, &[]),
        (0, 0, &[]),
    ] {
        let page = Page { offset, size };
        let listed = ok(lab.store.issuers(None, page).await);
        assert_eq!(listed.items, expected, "{page:?}");
        assert_eq!(listed.total, 5, "{page:?}");
    }
}

/// The total of a list is that of all records, as Hydra counts; pages count what the filter left.
pub async fn total_counts_issuers_whatever_the_filter<S: Backend>(lab: Lab<S>) {
    assert_eq!(ok(lab.store.issuers(None, ALL).await).total, 0);
    let (mut a, mut b) = (
        trusted(&lab, "https://a", 3).await,
        trusted(&lab, "https://A", 2).await,
    );
    a.sort_by(|x, y| x.id.cmp(&y.id));
    b.sort_by(|x, y| x.id.cmp(&y.id));
    for (issuer, offset, expected) in [
        ("https://a", 0, &a[..]),
        ("https://a", 2, &a[2..]),
        ("https://a", 3, &[]),
        ("https://A", 1, &b[1..]),
        ("https://_", 0, &[]),
    ] {
        let page = Page { offset, size: 10 };
        let listed = ok(lab.store.issuers(Some(issuer), page).await);
        assert_eq!(listed.items, expected, "{issuer} {offset}");
        assert_eq!(listed.total, 5, "{issuer} {offset}");
    }
}

/// Expired records, other issuers and other subjects do not vouch.
pub async fn issuers_for_a_subject_come_before_those_for_any<S: Backend>(lab: Lab<S>) {
    for (set, kid) in [("https://a", "k"), ("https://a", "l"), ("https://b", "k")] {
        ok(lab.store.add_key(records::key(set, kid, 0)).await);
    }
    for (name, set, subject, kid, end) in [
        ("any-1", "https://a", None, "k", 100),
        ("any-2", "https://a", None, "l", 100),
        ("alice-1", "https://a", Some("alice"), "k", 100),
        ("alice-2", "https://a", Some("alice"), "l", 50),
        ("bob", "https://a", Some("bob"), "k", 100),
        ("elsewhere", "https://b", Some("alice"), "k", 100),
    ] {
        let issuer = IssuerRecord {
            scope: vec![name.to_owned()],
            expires_at: at(end),
            ..records::issuer(name, set, subject, kid)
        };
        ok(lab.store.create_issuer(issuer).await);
    }
    for (subject, now, own, any) in [
        (
            "alice",
            0,
            &["alice-1", "alice-2"][..],
            &["any-1", "any-2"][..],
        ),
        ("alice", 51, &["alice-1"], &["any-1", "any-2"]),
        ("alice", 101, &[], &[]),
        ("bob", 0, &["bob"], &["any-1", "any-2"]),
        ("carol", 0, &[], &["any-1", "any-2"]),
    ] {
        let found = lab
            .store
            .issuers_for("https://a", &subject.into(), at(now))
            .await;
        let names: Vec<String> = ok(found).into_iter().flat_map(|i| i.scope).collect();
        let (mut first, mut rest) = (names.clone(), names.clone());
        first.truncate(own.len());
        rest.drain(..first.len());
        first.sort();
        rest.sort();
        assert_eq!(
            (&first[..], &rest[..]),
            (&as_texts(own)[..], &as_texts(any)[..])
        );
    }
    let alice = Subject::from("alice");
    let nobody = lab.store.issuers_for("https://c", &alice, at(0)).await;
    assert_eq!(ok(nobody), []);
}

/// The answer is bounded, and records for the very subject are the last to be left out.
pub async fn at_most_a_hundred_issuers_vouch_for_a_subject<S: Backend>(lab: Lab<S>) {
    for n in 0..110 {
        let kid = format!("k{n}");
        ok(lab.store.add_key(records::key("https://a", &kid, n)).await);
        let issuer = records::issuer(&kid, "https://a", None, &kid);
        ok(lab.store.create_issuer(issuer).await);
    }
    let own = records::issuer("own", "https://a", Some("alice"), "k0");
    ok(lab.store.create_issuer(own.clone()).await);
    let alice = Subject::from("alice");
    let found = ok(lab.store.issuers_for("https://a", &alice, at(0)).await);
    assert_eq!((found.len(), found.first()), (100, Some(&own)));
}

/// Letter case, blanks, accents and pattern characters tell issuers and subjects apart.
pub async fn issuers_and_subjects_are_compared_exactly<S: Backend>(lab: Lab<S>) {
    ok(lab.store.add_key(records::key("https://a", "k", 0)).await);
    // An empty subject is no subject; that records for any have none is another rule.
    let texts = records::odd_texts().into_iter().filter(|t| !t.is_empty());
    let texts: Vec<String> = texts.collect();
    for (n, text) in texts.iter().enumerate() {
        ok(lab.store.add_key(records::key(text, "k", 0)).await);
        let by_name = records::issuer(&format!("name {n}"), text, None, "k");
        ok(lab.store.create_issuer(by_name).await);
        let by_subject = records::issuer(&format!("sub {n}"), "https://a", Some(text), "k");
        ok(lab.store.create_issuer(by_subject).await);
    }
    for (n, text) in texts.iter().enumerate() {
        let by_name = records::issuer(&format!("name {n}"), text, None, "k");
        let listed = ok(lab.store.issuers(Some(text), ALL).await);
        assert_eq!(listed.items, from_ref(&by_name), "{text:?}");
        let found = lab.store.issuers_for(text, &"alice".into(), at(0)).await;
        assert_eq!(ok(found), [by_name], "{text:?}");
        let by_subject = records::issuer(&format!("sub {n}"), "https://a", Some(text), "k");
        let subject = Subject::from(text.as_str());
        let found = lab.store.issuers_for("https://a", &subject, at(0)).await;
        assert_eq!(ok(found), [by_subject], "{text:?}");
    }
}

/// Withdrawing trust removes the key with its last record; other keys and sets stay.
pub async fn key_goes_with_the_last_issuer_that_uses_it<S: Backend>(lab: Lab<S>) {
    for (set, kid) in [("https://a", "k"), ("https://a", "l"), ("https://b", "k")] {
        ok(lab.store.add_key(records::key(set, kid, 0)).await);
    }
    let any = records::issuer("any", "https://a", None, "k");
    let one = records::issuer("one", "https://a", Some("alice"), "k");
    let other = records::issuer("other", "https://b", None, "k");
    for issuer in [&any, &one, &other] {
        ok(lab.store.create_issuer(issuer.clone()).await);
    }
    let has_key = async || ok(lab.store.key("https://a", "k").await).is_some();
    assert!(ok(lab.store.delete_issuer(&any.id).await));
    assert_eq!(ok(lab.store.issuer(&any.id).await), None);
    assert!(!ok(lab.store.delete_issuer(&any.id).await));
    assert!(has_key().await);
    assert!(ok(lab.store.delete_issuer(&one.id).await));
    assert!(!has_key().await);
    assert!(ok(lab.store.key("https://a", "l").await).is_some());
    assert!(ok(lab.store.key("https://b", "k").await).is_some());
    assert_eq!(ok(lab.store.issuer(&other.id).await), Some(other));
}

/// An assertion id is good once while it lasts, however long a later claim would have lasted.
pub async fn assertion_is_claimed_once<S: Backend>(lab: Lab<S>) {
    let (one, other) = (records::hex("jti", 64), records::hex("other", 64));
    for (hash, end, now, outcome) in [
        (&one, 60, 0, Claimed::First),
        (&one, 60, 0, Claimed::Known),
        (&one, 600, 30, Claimed::Known),
        (&other, 600, 30, Claimed::First),
        (&other, 60, 31, Claimed::Known),
        (&one, 600, 59, Claimed::Known),
        (&other, 600, 599, Claimed::Known),
    ] {
        let claimed = lab.store.claim_jti("issuer:a", hash, at(end), at(now));
        assert_eq!(ok(claimed.await), outcome, "{end} {now}");
    }
}

/// After its time an id may come again and is then claimed for its new time.
pub async fn expired_claim_can_be_claimed_again<S: Backend>(lab: Lab<S>) {
    let hash = records::hex("jti", 64);
    for (end, now, outcome) in [
        (60, 0, Claimed::First),
        (120, 61, Claimed::First),
        (180, 62, Claimed::Known),
        (180, 121, Claimed::First),
        (240, 179, Claimed::Known),
    ] {
        let claimed = lab.store.claim_jti("issuer:a", &hash, at(end), at(now));
        assert_eq!(ok(claimed.await), outcome, "{end} {now}");
    }
}

/// Clients and issuers whose names a database likes to mix up claim for themselves.
pub async fn claims_of_namespaces_do_not_mix<S: Backend>(lab: Lab<S>) {
    let hash = records::hex("jti", 64);
    for outcome in [Claimed::First, Claimed::Known] {
        for namespace in records::odd_texts() {
            let claimed = lab.store.claim_jti(&namespace, &hash, at(60), at(0));
            assert_eq!(ok(claimed.await), outcome, "{namespace:?}");
        }
    }
}

/// Of many who present one assertion, one is heard.
pub async fn one_of_many_claims_an_assertion<S: Backend>(lab: Lab<S>) {
    let hash = records::hex("jti", 64);
    let outcomes = lab.race(CALLERS, |store, _| {
        let hash = hash.clone();
        async move { store.claim_jti("issuer:a", &hash, at(60), at(0)).await }
    });
    one_wins(&outcomes.await, &Claimed::First, &Claimed::Known);
}

/// The same, if the id was used and has expired.
pub async fn one_of_many_claims_an_expired_assertion<S: Backend>(lab: Lab<S>) {
    let hash = records::hex("jti", 64);
    let first = lab.store.claim_jti("issuer:a", &hash, at(60), at(0)).await;
    assert_eq!(ok(first), Claimed::First);
    let outcomes = lab.race(CALLERS, |store, _| {
        let hash = hash.clone();
        async move { store.claim_jti("issuer:a", &hash, at(120), at(61)).await }
    });
    one_wins(&outcomes.await, &Claimed::First, &Claimed::Known);
}

/// Trusts one issuer for some subjects.
async fn trusted<S: Backend>(lab: &Lab<S>, issuer: &str, subjects: u32) -> Vec<IssuerRecord> {
    ok(lab.store.add_key(records::key(issuer, "k", 0)).await);
    let mut kept = Vec::new();
    for n in 0..subjects {
        let name = format!("{issuer} {n}");
        let record = records::issuer(&name, issuer, Some(&format!("user {n}")), "k");
        ok(lab.store.create_issuer(record.clone()).await);
        kept.push(record);
    }
    kept
}

fn as_texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}
