//! Consents: the newest remembered one, lists, and revocation with all that came of them.

use consent_flow::{ConsentRecord, ConsentsOf, FlowKey, FlowRecord, FlowStore, FlowWritten};
use oauth_core::Redeemed;
use oauth_types::{Guarded, Page, SessionId, Subject, Timestamp};

use crate::lab::{ok, some};
use crate::records::{self, at};
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    newest_remembered_consent_is_found,
    expired_consent_is_found,
    consents_are_told_apart_exactly,
    consents_are_listed_newest_first,
    consents_of_a_session_are_listed_alone,
    consent_outlives_its_flow,
    revoking_consents_of_one_client_ends_what_came_of_them,
    revoking_all_consents_of_a_user_ends_what_came_of_them,
    revoking_leaves_logins_and_machine_tokens_alone,
    revoking_nothing_is_no_error,
    consents_are_revoked_of_the_very_user_and_client,
);

const ALL: Page = Page {
    offset: 0,
    size: 500,
};

/// Consents that are not to be remembered, those of others and older ones do not count.
pub async fn newest_remembered_consent_is_found<S: Backend>(lab: Lab<S>) {
    for id in ["web", "app"] {
        lab.client(id).await;
    }
    let give = async |name: &str, client: &str, user: &str, secs: i64, remember: bool| {
        let consent = decide(&lab, name, client, user, |c| {
            c.requested_at = at(secs);
            c.remember = remember;
        });
        consent.await
    };
    let found = || lab.remembered("alice", "web");
    assert_eq!(found().await, None);
    give("once", "web", "alice", 10, false).await;
    assert_eq!(found().await, None);
    let middle = give("middle", "web", "alice", 5, true).await;
    assert_eq!(found().await, Some(middle.clone()));
    give("oldest", "web", "alice", 1, true).await;
    give("other client", "app", "alice", 20, true).await;
    give("other user", "web", "bob", 20, true).await;
    assert_eq!(found().await, Some(middle));
    let newest = give("newest", "web", "alice", 7, true).await;
    assert_eq!(found().await, Some(newest));
}

/// A back end has no clock: expiry is the caller's to judge.
pub async fn expired_consent_is_found<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let long_ago = at(-1_000_000_000);
    let given = decide(&lab, "f", "web", "alice", |c| c.expires_at = long_ago).await;
    let found = lab.remembered("alice", "web").await;
    assert_eq!(found, Some(given.clone()));
    let listed = ok(lab.store.consents(&"alice".into(), None, ALL).await);
    assert_eq!(listed.items, [given]);
}

/// Letter case, blanks, accents and pattern characters tell users and clients apart.
pub async fn consents_are_told_apart_exactly<S: Backend>(lab: Lab<S>) {
    let mut given = Vec::new();
    for (n, text) in records::odd_texts().iter().enumerate() {
        lab.client(text).await;
        let by_user = decide(&lab, &format!("user {n}"), "", text, |_| ()).await;
        let by_client = decide(&lab, &format!("client {n}"), text, "alice", |_| ()).await;
        given.extend([by_user, by_client]);
    }
    for consent in given {
        let found = lab
            .store
            .remembered_consent(&consent.subject, &consent.client_id);
        assert_eq!(ok(found.await), Some(consent.clone()));
        if consent.subject.as_str() != "alice" {
            let listed = ok(lab.store.consents(&consent.subject, None, ALL).await);
            assert_eq!((listed.total, listed.items), (1, vec![consent]));
        }
    }
}

/// Lists give the newest first, remembered or not; pages may be small, large or beyond the end.
pub async fn consents_are_listed_newest_first<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let mut all = Vec::new();
    for (n, secs) in [3, 9, 1, 7, 5].into_iter().enumerate() {
        let name = format!("f{n}");
        let consent = decide(&lab, &name, "web", "alice", |c| {
            c.requested_at = at(secs);
            c.remember = n % 2 == 0;
        });
        all.push(consent.await);
    }
    decide(&lab, "bob", "web", "bob", |_| ()).await;
    all.sort_by_key(|c| std::cmp::Reverse(c.requested_at));
    for (offset, size, expected) in [
        (0, 100, &all[..]),
        (0, 5, &all[..]),
        (0, 1, &all[..1]),
        (2, 1, &all[2..3]),
        (1, 3, &all[1..4]),
        (4, 3, &all[4..]),
        (5, 3, &[]),
        (100_000, 3, &[]),
        (0, 0, &[]),
    ] {
        let page = Page { offset, size };
        let listed = ok(lab.store.consents(&"alice".into(), None, page).await);
        assert_eq!(listed.items, expected, "{page:?}");
        assert_eq!(listed.total, 5, "{page:?}");
    }
    let listed = ok(lab.store.consents(&"nobody".into(), None, ALL).await);
    assert_eq!((listed.items, listed.total), (vec![], 0));
}

/// One session narrows the list but not its total, as Hydra counts.
pub async fn consents_of_a_session_are_listed_alone<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let one = decide(&lab, "one", "web", "alice", |_| ()).await;
    let two = decide(&lab, "two", "web", "alice", |_| ()).await;
    let alice = Subject::from("alice");
    let unknown = SessionId::new(records::uuid("unknown"));
    for (session, expected) in [
        (&one.session_id, vec![one.clone()]),
        (&two.session_id, vec![two.clone()]),
        (&Some(unknown), vec![]),
    ] {
        let listed = lab.store.consents(&alice, session.as_ref(), ALL).await;
        let listed = ok(listed);
        assert_eq!((listed.items, listed.total), (expected, 2), "{session:?}");
    }
    let beyond = Page { offset: 1, size: 5 };
    let listed = lab.store.consents(&alice, one.session_id.as_ref(), beyond);
    assert_eq!(ok(listed.await).items, []);
    let gone = some(one.session_id);
    assert!(ok(lab.store.end_session(&gone).await));
    let listed = lab.store.consents(&alice, Some(&gone), ALL).await;
    assert_eq!(ok(listed).items, []);
}

/// A consent counts as long as it says, though its flow was tidied away long before.
pub async fn consent_outlives_its_flow<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let given = decide(&lab, "f", "web", "alice", |_| ()).await;
    let removed = FlowStore::remove_expired(&*lab.store, at(1_000_000), 100);
    assert_eq!(ok(removed.await), 1);
    let key = FlowKey::ConsentChallenge(&given.challenge);
    assert_eq!(ok(lab.store.flow(key).await), None);
    let found = lab.remembered("alice", "web").await;
    assert_eq!(found, Some(given));
}

/// Revoking the consents to one client removes them, their flows, grants, codes and tokens.
pub async fn revoking_consents_of_one_client_ends_what_came_of_them<S: Backend>(lab: Lab<S>) {
    revoked(&lab, ConsentsOf::Client("web".into()), |client, user| {
        client == "web" && user == "alice"
    })
    .await;
}

/// Revoking all consents does so for every client of that user.
pub async fn revoking_all_consents_of_a_user_ends_what_came_of_them<S: Backend>(lab: Lab<S>) {
    revoked(&lab, ConsentsOf::Everyone, |_, user| user == "alice").await;
}

/// Gives consents of two users to two clients, revokes some of Alice's and looks what is left.
async fn revoked<S: Backend>(lab: &Lab<S>, of: ConsentsOf, gone: fn(&str, &str) -> bool) {
    let mut given = Vec::new();
    for client in ["web", "app"] {
        lab.client(client).await;
        for user in ["alice", "bob"] {
            let name = |step: &str| format!("{step} {client} {user}");
            let waiting = lab.at_consent(&name("waiting"), client, user).await;
            let accepted = lab.consented(&name("accepted"), client, user).await;
            let coded = lab.authorized(&name("coded"), client, user).await;
            let (redeemed, tokens) = lab.redeemed(&name("redeemed"), client, user).await;
            given.push((client, user, waiting, accepted, coded, redeemed, tokens));
        }
    }
    ok(lab.store.revoke_consents(&"alice".into(), of).await);
    for (client, user, waiting, accepted, coded, redeemed, tokens) in given {
        let (stays, what) = (!gone(client, user), format!("{client} {user}"));
        let found = lab.remembered(user, client).await;
        assert_eq!(found.is_some(), stays, "{what}");
        for flow in [&waiting, &accepted, &coded.flow, &redeemed.flow] {
            let key = FlowKey::LoginChallenge(&flow.login_challenge);
            assert_eq!(ok(lab.store.flow(key).await).is_some(), stays, "{what}");
        }
        for code in [&coded.code, &redeemed.code] {
            let found = ok(lab.store.code(&code.signature).await);
            assert_eq!(found.is_some(), stays, "{what}");
        }
        assert_eq!(
            lab.has_access(&tokens.access.signature).await,
            stays,
            "{what}"
        );
        let refresh = some(tokens.refresh).signature;
        let found = ok(lab.store.refresh(&refresh).await);
        let live = found.map(|f| f.record.live);
        assert_eq!(live, stays.then_some(true), "{what}");
        let late = records::tokens(&coded.grant, oauth_core::Generation::FIRST, "late");
        let redeem = lab.store.redeem_code(&coded.code.signature, late).await;
        let wanted = if stays {
            Redeemed::First
        } else {
            Redeemed::Unknown
        };
        assert_eq!(ok(redeem), wanted, "{what}");
    }
}

/// Login sessions, flows that are still at the login, and tokens that came from no flow stay.
pub async fn revoking_leaves_logins_and_machine_tokens_alone<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    let consented = lab.consented("f", "web", "alice").await;
    let session = some(consented.session_id);
    let skipped = FlowRecord {
        subject: Some("alice".into()),
        session_id: Some(session.clone()),
        ..records::flow("skipped", "web")
    };
    ok(lab.store.create_flow(skipped.clone()).await);
    let token = records::machine_access("a", "web");
    let put = lab
        .store
        .put_access(token.clone(), records::guard(&client))
        .await;
    assert_eq!(ok(put), Guarded::Done);
    let revoked = lab
        .store
        .revoke_consents(&"alice".into(), ConsentsOf::Everyone)
        .await;
    ok(revoked);
    assert!(ok(lab.store.session(&session).await).is_some());
    assert!(lab.has_access(&token.signature).await);
    let key = FlowKey::LoginChallenge(&skipped.login_challenge);
    assert_eq!(some(ok(lab.store.flow(key).await)).record, skipped);
}

/// A user or client without consents is no error.
pub async fn revoking_nothing_is_no_error<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let given = decide(&lab, "f", "web", "alice", |_| ()).await;
    for (user, of) in [
        ("nobody", ConsentsOf::Everyone),
        ("nobody", ConsentsOf::Client("web".into())),
        ("alice", ConsentsOf::Client("app".into())),
    ] {
        ok(lab.store.revoke_consents(&user.into(), of).await);
    }
    let found = lab.remembered("alice", "web").await;
    assert_eq!(found, Some(given));
}

/// Users and clients whose names a database likes to mix up keep their consents and tokens.
pub async fn consents_are_revoked_of_the_very_user_and_client<S: Backend>(lab: Lab<S>) {
    let mut given = Vec::new();
    for (n, text) in records::odd_texts().iter().enumerate() {
        lab.client(text).await;
        given.push(lab.redeemed(&format!("user {n}"), "", text).await);
        given.push(lab.redeemed(&format!("client {n}"), text, "alice").await);
    }
    for (user, of) in [
        ("ab", ConsentsOf::Everyone),
        ("a%", ConsentsOf::Client("".into())),
        ("alice", ConsentsOf::Client("ab".into())),
    ] {
        ok(lab.store.revoke_consents(&user.into(), of).await);
    }
    for (family, tokens) in given {
        let grant = &family.grant;
        let (user, client) = (grant.subject.as_str(), grant.client_id.as_str());
        let gone = matches!((user, client), ("ab" | "a%", "") | ("alice", "ab"));
        let found = lab
            .store
            .remembered_consent(&grant.subject, &grant.client_id);
        assert_eq!(ok(found.await).is_none(), gone, "{user:?} {client:?}");
        let live = lab.has_live(&tokens).await;
        assert_eq!(live, !gone, "{user:?} {client:?}");
    }
}

/// Lets a user give a consent that differs from the usual one.
async fn decide<S: Backend>(
    lab: &Lab<S>,
    name: &str,
    client: &str,
    user: &str,
    differ: impl FnOnce(&mut ConsentRecord),
) -> ConsentRecord {
    let flow = lab.at_consent(name, client, user).await;
    let next = records::consent_accepted(&flow);
    let mut consent = records::consent(&next);
    consent.expires_at = Timestamp::NEVER;
    differ(&mut consent);
    let decided = lab
        .store
        .decide_consent(next, flow.revision, Some(consent.clone()))
        .await;
    assert_eq!(ok(decided), FlowWritten::Done);
    consent
}
