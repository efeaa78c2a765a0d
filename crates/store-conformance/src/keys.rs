//! Key sets: exact names, order, and that one of many creates a set.

use jwk_store::{KeyRecord, SetCreated};

use crate::lab::{conflict, ok, one_wins};
use crate::records;
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    key_is_found_as_it_was_kept,
    key_sets_are_newest_first,
    key_set_names_are_compared_exactly,
    key_ids_are_compared_exactly,
    taken_key_id_is_a_conflict_in_its_set,
    one_of_many_creates_a_key_set,
    key_set_exists_while_it_has_a_key,
    putting_a_key_replaces_or_adds,
    putting_a_set_leaves_exactly_its_keys,
    putting_a_set_with_a_key_twice_changes_nothing,
    deleting_keys_that_are_not_there_is_no_error,
    key_takes_its_issuers_along,
    rewritten_key_keeps_its_issuers,
);

/// Every member of a record comes back, large keys included.
pub async fn key_is_found_as_it_was_kept<S: Backend>(lab: Lab<S>) {
    let large = KeyRecord {
        sealed: "Ab_-".repeat(64 * 1024),
        ..records::key("set", "large", 1)
    };
    for key in [records::key("set", "small", 0), large] {
        ok(lab.store.add_key(key.clone()).await);
        assert_eq!(ok(lab.store.key("set", &key.kid).await), Some(key));
    }
    assert_eq!(ok(lab.store.key("set", "other").await), None);
    assert_eq!(ok(lab.store.key("other", "small").await), None);
    assert_eq!(ok(lab.store.key_set("other").await), []);
}

/// The newest key of a set comes first, in whatever order they were written.
pub async fn key_sets_are_newest_first<S: Backend>(lab: Lab<S>) {
    for (kid, secs) in [("b", 5), ("a", 9), ("c", 1), ("d", 7)] {
        ok(lab.store.add_key(records::key("set", kid, secs)).await);
    }
    ok(lab.store.add_key(records::key("other", "e", 8)).await);
    assert_eq!(kids(&lab, "set").await, ["a", "d", "b", "c"]);
    let by_micros = |kid: &str, micros| KeyRecord {
        created_at: oauth_types::Timestamp::from_micros(micros),
        ..records::key("close", kid, 0)
    };
    let close = vec![by_micros("x", 1), by_micros("z", 3), by_micros("y", 2)];
    ok(lab.store.put_key_set("close", close).await);
    assert_eq!(kids(&lab, "close").await, ["z", "y", "x"]);
}

/// Letter case, blanks, accents and pattern characters tell sets apart.
pub async fn key_set_names_are_compared_exactly<S: Backend>(lab: Lab<S>) {
    for set in records::odd_texts() {
        let created = lab
            .store
            .create_key_set_if_absent(records::key(&set, "k", 0));
        assert_eq!(ok(created.await), SetCreated::Done, "{set:?}");
    }
    for set in records::odd_texts() {
        let keys = ok(lab.store.key_set(&set).await);
        assert_eq!(keys, [records::key(&set, "k", 0)]);
    }
    ok(lab.store.delete_key_set("ab").await);
    ok(lab.store.put_key_set("%", vec![]).await);
    for set in records::odd_texts() {
        let there = set != "ab" && set != "%";
        let found = !ok(lab.store.key_set(&set).await).is_empty();
        assert_eq!(found, there, "{set:?}");
    }
}

/// Letter case, blanks, accents and pattern characters tell the keys of a set apart.
pub async fn key_ids_are_compared_exactly<S: Backend>(lab: Lab<S>) {
    for (kid, secs) in records::odd_texts().iter().zip(0..) {
        ok(lab.store.add_key(records::key("set", kid, secs)).await);
    }
    for (kid, secs) in records::odd_texts().iter().zip(0..) {
        let key = ok(lab.store.key("set", kid).await);
        assert_eq!(key, Some(records::key("set", kid, secs)));
    }
    ok(lab.store.delete_key("set", "ab").await);
    for kid in records::odd_texts() {
        let there = ok(lab.store.key("set", &kid).await).is_some();
        assert_eq!(there, kid != "ab", "{kid:?}");
    }
}

/// A key cannot be added over another one of its set; other sets may use its id.
pub async fn taken_key_id_is_a_conflict_in_its_set<S: Backend>(lab: Lab<S>) {
    let first = records::key("set", "k", 0);
    ok(lab.store.add_key(first.clone()).await);
    conflict(&lab.store.add_key(records::key("set", "k", 1)).await);
    ok(lab.store.add_key(records::key("other", "k", 1)).await);
    assert_eq!(ok(lab.store.key_set("set").await), [first]);
}

/// Of many who find no key and make one, one brings it in.
pub async fn one_of_many_creates_a_key_set<S: Backend>(lab: Lab<S>) {
    let outcomes = lab.race(CALLERS, |store, caller| async move {
        let key = records::key("set", &format!("k{caller}"), 0);
        store.create_key_set_if_absent(key).await
    });
    one_wins(&outcomes.await, &SetCreated::Done, &SetCreated::Exists);
    assert_eq!(ok(lab.store.key_set("set").await).len(), 1);
}

/// A set that lost its last key, in whatever way, can be created anew; one that has a key cannot.
pub async fn key_set_exists_while_it_has_a_key<S: Backend>(lab: Lab<S>) {
    let store = &lab.store;
    ok(store.add_key(records::key("set", "k", 0)).await);
    let created = store.create_key_set_if_absent(records::key("set", "n", 1));
    assert_eq!(ok(created.await), SetCreated::Exists);
    ok(store.delete_key("set", "k").await);
    let created = store.create_key_set_if_absent(records::key("set", "n", 1));
    assert_eq!(ok(created.await), SetCreated::Done);
    ok(store.put_key_set("set", vec![]).await);
    let created = store.create_key_set_if_absent(records::key("set", "n", 2));
    assert_eq!(ok(created.await), SetCreated::Done);
    ok(store.delete_key_set("set").await);
    ok(store.put_key(records::key("set", "p", 3)).await);
    let created = store.create_key_set_if_absent(records::key("set", "n", 4));
    assert_eq!(ok(created.await), SetCreated::Exists);
    assert_eq!(kids(&lab, "set").await, ["p"]);
}

/// `put_key` takes the place of a key of its id or joins the set.
pub async fn putting_a_key_replaces_or_adds<S: Backend>(lab: Lab<S>) {
    for (kid, secs) in [("a", 1), ("b", 2), ("a", 3)] {
        ok(lab.store.put_key(records::key("set", kid, secs)).await);
    }
    let expected = [records::key("set", "a", 3), records::key("set", "b", 2)];
    assert_eq!(ok(lab.store.key_set("set").await), expected);
}

/// `put_key_set` adds, replaces and removes in one step and touches no other set.
pub async fn putting_a_set_leaves_exactly_its_keys<S: Backend>(lab: Lab<S>) {
    ok(lab.store.add_key(records::key("other", "a", 0)).await);
    let keys = |of: &[(&str, i64)]| -> Vec<KeyRecord> {
        of.iter()
            .map(|(kid, secs)| records::key("set", kid, *secs))
            .collect()
    };
    for of in [
        &[("b", 2), ("a", 1)][..],
        &[("c", 5), ("b", 4), ("a", 1)],
        &[("d", 6)],
        &[],
        &[("a", 7)],
    ] {
        ok(lab.store.put_key_set("set", keys(of)).await);
        assert_eq!(ok(lab.store.key_set("set").await), keys(of));
    }
    assert_eq!(kids(&lab, "other").await, ["a"]);
}

/// Two keys of one id are a conflict; the set stays as it was.
pub async fn putting_a_set_with_a_key_twice_changes_nothing<S: Backend>(lab: Lab<S>) {
    ok(lab.store.add_key(records::key("set", "a", 0)).await);
    let twice = [("b", 1), ("a", 2), ("b", 3)].map(|(kid, secs)| records::key("set", kid, secs));
    conflict(&lab.store.put_key_set("set", twice.into()).await);
    let keys = ok(lab.store.key_set("set").await);
    assert_eq!(keys, [records::key("set", "a", 0)]);
}

/// Deleting what is not there, key or set, is no error.
pub async fn deleting_keys_that_are_not_there_is_no_error<S: Backend>(lab: Lab<S>) {
    ok(lab.store.add_key(records::key("set", "a", 0)).await);
    ok(lab.store.delete_key("set", "b").await);
    ok(lab.store.delete_key("other", "a").await);
    ok(lab.store.delete_key_set("other").await);
    assert_eq!(kids(&lab, "set").await, ["a"]);
}

/// A removed key takes the issuers along that refer to it, and no others.
pub async fn key_takes_its_issuers_along<S: Backend>(lab: Lab<S>) {
    let issuers = trusted(&lab).await;
    ok(lab.store.delete_key("https://a", "k1").await);
    assert_eq!(
        still_trusted(&lab, &issuers).await,
        ["a-k2", "a-k3", "b-k1"]
    );
    let k3 = vec![records::key("https://a", "k3", 3)];
    ok(lab.store.put_key_set("https://a", k3).await);
    assert_eq!(still_trusted(&lab, &issuers).await, ["a-k3", "b-k1"]);
    ok(lab.store.delete_key_set("https://a").await);
    assert_eq!(still_trusted(&lab, &issuers).await, ["b-k1"]);
    ok(lab.store.put_key_set("https://b", vec![]).await);
    assert!(still_trusted(&lab, &issuers).await.is_empty());
}

/// Issuers stay when their key is written anew.
pub async fn rewritten_key_keeps_its_issuers<S: Backend>(lab: Lab<S>) {
    let issuers = trusted(&lab).await;
    ok(lab.store.put_key(records::key("https://a", "k1", 9)).await);
    let again = [("k3", 12), ("k1", 11), ("k2", 10)]
        .map(|(kid, secs)| records::key("https://a", kid, secs));
    ok(lab.store.put_key_set("https://a", again.into()).await);
    assert_eq!(still_trusted(&lab, &issuers).await.len(), issuers.len());
    let key = ok(lab.store.key("https://a", "k1").await);
    assert_eq!(key, Some(records::key("https://a", "k1", 11)));
}

/// Two issuers with their keys and records.
async fn trusted<S: Backend>(lab: &Lab<S>) -> Vec<(&'static str, String)> {
    let mut issuers = Vec::new();
    for (name, set, kid, secs) in [
        ("a-k1", "https://a", "k1", 1),
        ("a-k2", "https://a", "k2", 2),
        ("a-k3", "https://a", "k3", 3),
        ("b-k1", "https://b", "k1", 1),
    ] {
        ok(lab.store.add_key(records::key(set, kid, secs)).await);
        let issuer = records::issuer(name, set, None, kid);
        issuers.push((name, issuer.id.clone()));
        ok(lab.store.create_issuer(issuer).await);
    }
    issuers
}

async fn still_trusted<S: Backend>(
    lab: &Lab<S>,
    issuers: &[(&'static str, String)],
) -> Vec<&'static str> {
    let mut left = Vec::new();
    for (name, id) in issuers {
        if ok(lab.store.issuer(id).await).is_some() {
            left.push(*name);
        }
    }
    left
}

async fn kids<S: Backend>(lab: &Lab<S>, set: &str) -> Vec<String> {
    let keys = ok(lab.store.key_set(set).await);
    keys.into_iter().map(|k| k.kid).collect()
}
