//! Clients: exact ids, versions that guard, and lists.

use client_registry::{ClientFilter, ClientRecord, ClientReplaced};
use oauth_types::{ClientId, ClientVersion, Page, SecretHash};

use crate::lab::{conflict, ok, one_wins, some};
use crate::records::{self, at};
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    client_is_found_as_it_was_kept,
    client_ids_are_compared_exactly,
    taken_client_id_is_a_conflict,
    taken_row_id_is_a_conflict,
    one_of_many_creates_a_client,
    replacing_keeps_row_id_and_creation,
    replacing_needs_the_expected_version,
    one_of_many_replaces_a_client,
    deleting_a_client_says_whether_there_was_one,
    clients_are_listed_by_row_id,
    client_filters_compare_exactly,
    total_counts_clients_whatever_the_filter,
);

/// Every member of a record comes back, in a large payload and odd texts as well.
pub async fn client_is_found_as_it_was_kept<S: Backend>(lab: Lab<S>) {
    let text = format!("{{\"metadata\":\"{}\"}}", "ä\\u0000".repeat(32 * 1024));
    let large = ClientRecord {
        version: ClientVersion(7),
        name: "N'ame \"ä\u{1f980}\"".to_owned(),
        owner: String::new(),
        registration_signature: String::new(),
        updated_at: at(1),
        payload: text.into_bytes(),
        ..records::client("large")
    };
    for client in [records::client("plain"), large] {
        ok(lab.store.create(client.clone()).await);
        let found = ok(lab.store.client(&client.id).await);
        assert_eq!(found, Some(client));
    }
    assert_eq!(ok(lab.store.client(&"other".into()).await), None);
}

/// Letter case, blanks, accents and pattern characters tell client ids apart.
pub async fn client_ids_are_compared_exactly<S: Backend>(lab: Lab<S>) {
    for id in records::odd_texts() {
        assert_eq!(
            ok(lab.store.client(&id.as_str().into()).await),
            None,
            "{id:?}"
        );
        lab.client(&id).await;
    }
    for id in records::odd_texts() {
        let found = ok(lab.store.client(&id.as_str().into()).await);
        assert_eq!(found, Some(records::client(&id)));
    }
    assert!(ok(lab.store.delete(&"ab".into()).await));
    for id in records::odd_texts() {
        let found = ok(lab.store.client(&id.as_str().into()).await);
        assert_eq!(found.is_some(), id != "ab", "{id:?}");
    }
}

/// A client cannot be created over another one, which stays as it is.
pub async fn taken_client_id_is_a_conflict<S: Backend>(lab: Lab<S>) {
    let first = lab.client("web").await;
    let second = ClientRecord {
        row_id: records::uuid("another row"),
        owner: "somebody else".to_owned(),
        ..first.clone()
    };
    conflict(&lab.store.create(second).await);
    assert_eq!(ok(lab.store.client(&first.id).await), Some(first));
}

/// Row ids are unique.
pub async fn taken_row_id_is_a_conflict<S: Backend>(lab: Lab<S>) {
    let first = lab.client("web").await;
    let second = ClientRecord {
        row_id: first.row_id,
        ..records::client("app")
    };
    conflict(&lab.store.create(second).await);
    assert_eq!(ok(lab.store.client(&"app".into()).await), None);
}

/// Of many who create a client of one id, one does and the others get a conflict.
pub async fn one_of_many_creates_a_client<S: Backend>(lab: Lab<S>) {
    let outcomes = lab.race(CALLERS, |store, caller| async move {
        let client = ClientRecord {
            row_id: records::uuid(&format!("row {caller}")),
            ..records::client("web")
        };
        Ok(match store.create(client).await {
            Ok(()) => true,
            refused => {
                conflict(&refused);
                false
            }
        })
    });
    one_wins(&outcomes.await, &true, &false);
}

/// A replacement changes everything but id, row id and time of creation.
pub async fn replacing_keeps_row_id_and_creation<S: Backend>(lab: Lab<S>) {
    let first = lab.client("web").await;
    let second = ClientRecord {
        row_id: records::uuid("another row"),
        name: "Other".to_owned(),
        owner: "other".to_owned(),
        secret: SecretHash::new("$2a$10$abc"),
        registration_signature: records::hex("other", 43),
        created_at: at(9),
        payload: b"{}".to_vec(),
        ..records::changed(&first)
    };
    let replaced = lab.store.replace(second.clone(), first.version).await;
    assert_eq!(ok(replaced), ClientReplaced::Done);
    let expected = ClientRecord {
        row_id: first.row_id,
        created_at: first.created_at,
        ..second
    };
    assert_eq!(ok(lab.store.client(&first.id).await), Some(expected));
}

/// Who read an older version, or a client that is gone, replaces nothing.
pub async fn replacing_needs_the_expected_version<S: Backend>(lab: Lab<S>) {
    let first = lab.client("web").await;
    let second = records::changed(&first);
    let third = ClientRecord {
        name: "Third".to_owned(),
        ..records::changed(&second)
    };
    for (client, expected, outcome) in [
        (&third, second.version, ClientReplaced::Changed),
        (&second, first.version, ClientReplaced::Done),
        (&second, first.version, ClientReplaced::Changed),
        (
            &records::client("app"),
            ClientVersion(1),
            ClientReplaced::Unknown,
        ),
    ] {
        let replaced = lab.store.replace(client.clone(), expected).await;
        assert_eq!(ok(replaced), outcome);
    }
    assert_eq!(ok(lab.store.client(&first.id).await), Some(second));
    assert_eq!(ok(lab.store.client(&"app".into()).await), None);
}

/// Of many who replace the version that they all read, one does.
pub async fn one_of_many_replaces_a_client<S: Backend>(lab: Lab<S>) {
    let first = lab.client("web").await;
    let outcomes = lab.race(CALLERS, |store, caller| {
        let next = ClientRecord {
            name: format!("by {caller}"),
            ..records::changed(&first)
        };
        async move {
            let replaced = store.replace(next.clone(), ClientVersion(1)).await?;
            Ok((replaced, next))
        }
    });
    let outcomes = outcomes.await;
    let kinds: Vec<ClientReplaced> = outcomes.iter().map(|(replaced, _)| *replaced).collect();
    one_wins(&kinds, &ClientReplaced::Done, &ClientReplaced::Changed);
    let mut winners = outcomes
        .into_iter()
        .filter(|(r, _)| *r == ClientReplaced::Done);
    let (_, winner) = some(winners.next());
    assert_eq!(ok(lab.store.client(&first.id).await), Some(winner));
}

/// Deleting tells whether the client was there, and its id is free afterwards.
pub async fn deleting_a_client_says_whether_there_was_one<S: Backend>(lab: Lab<S>) {
    let web = ClientId::from("web");
    assert!(!ok(lab.store.delete(&web).await));
    let client = lab.client("web").await;
    assert!(ok(lab.store.delete(&web).await));
    assert_eq!(ok(lab.store.client(&web).await), None);
    assert!(!ok(lab.store.delete(&web).await));
    ok(lab.store.create(client).await);
}

/// Lists are in ascending order of the row id; pages may be small, large or beyond the end.
pub async fn clients_are_listed_by_row_id<S: Backend>(lab: Lab<S>) {
    let mut all: Vec<ClientRecord> = (0..7).map(|n| records::client(&format!("c{n}"))).collect();
    for client in &all {
        ok(lab.store.create(client.clone()).await);
    }
    all.sort_by(|a, b| a.row_id.cmp(&b.row_id));
    for (offset, size, expected) in [
        (0, 100, &all[..]),
        (0, 7, &all[..]),
        (0, 1, &all[..1]),
        (3, 1, &all[3..4]),
        (2, 3, &all[2..5]),
        (6, 3, &all[6..]),
        (7, 3, &[]),
        (100_000, 3, &[]),
        (0, 0, &[]),
    ] {
        let page = Page { offset, size };
        let listed = ok(lab.store.list(&ClientFilter::default(), page).await);
        assert_eq!(listed.items, expected, "{page:?}");
        assert_eq!(listed.total, 7, "{page:?}");
    }
}

/// Name and owner narrow a list exactly, and both together.
pub async fn client_filters_compare_exactly<S: Backend>(lab: Lab<S>) {
    let texts = records::odd_texts();
    for (n, text) in texts.iter().enumerate() {
        let client = ClientRecord {
            name: text.clone(),
            owner: texts[texts.len() - 1 - n].clone(),
            ..records::client(&format!("c{n}"))
        };
        ok(lab.store.create(client).await);
    }
    let page = Page {
        offset: 0,
        size: 500,
    };
    for (n, text) in texts.iter().enumerate() {
        let by_name = ClientFilter {
            name: Some(text.clone()),
            owner: None,
        };
        let by_owner = ClientFilter {
            name: None,
            owner: Some(texts[texts.len() - 1 - n].clone()),
        };
        let by_both = ClientFilter {
            name: by_name.name.clone(),
            owner: by_owner.owner.clone(),
        };
        for filter in [by_name, by_owner, by_both] {
            let listed = ok(lab.store.list(&filter, page).await);
            let ids: Vec<&str> = listed.items.iter().map(|c| c.id.as_str()).collect();
            assert_eq!(ids, [format!("c{n}")], "{filter:?}");
        }
    }
    let mixed = ClientFilter {
        name: Some(texts[0].clone()),
        owner: Some(texts[0].clone()),
    };
    assert_eq!(ok(lab.store.list(&mixed, page).await).items, []);
}

/// The total of a list is that of all clients, as Hydra counts; pages count what the filter left.
pub async fn total_counts_clients_whatever_the_filter<S: Backend>(lab: Lab<S>) {
    let page = Page {
        offset: 0,
        size: 10,
    };
    let listed = ok(lab.store.list(&ClientFilter::default(), page).await);
    assert_eq!((listed.items, listed.total), (vec![], 0));
    for (id, owner) in [("a", "x"), ("b", "y"), ("c", "x"), ("d", "x")] {
        let client = ClientRecord {
            owner: owner.to_owned(),
            ..records::client(id)
        };
        ok(lab.store.create(client).await);
    }
    for (owner, offset, found) in [("x", 0, 2), ("x", 2, 1), ("x", 3, 0), ("z", 0, 0)] {
        let filter = ClientFilter {
            name: None,
            owner: Some(owner.to_owned()),
        };
        let listed = ok(lab.store.list(&filter, Page { offset, size: 2 }).await);
        assert_eq!(
            (listed.items.len(), listed.total),
            (found, 4),
            "{owner} {offset}"
        );
    }
}
