//! Logout: requests that are carried out once, and messages that are not forgotten.

use std::slice::from_ref;

use consent_flow::{DeliveryRecord, LogoutRecord, LogoutState, LogoutTaken};

use crate::lab::{conflict, ok, some, unknown_verifier};
use crate::records::{self, at};
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    logout_is_found_as_it_was_kept,
    logout_needs_its_client,
    taken_logout_names_are_a_conflict,
    last_decision_on_a_logout_counts,
    only_an_accepted_logout_is_carried_out,
    one_of_many_carries_a_logout_out,
    logout_goes_with_its_client,
    ending_a_session_queues_its_messages,
    one_of_many_ends_a_session_and_queues_its_messages,
    due_messages_are_taken_until_they_are_removed,
    message_is_not_handed_out_twice,
    message_goes_with_its_client,
);

/// Every member of a record comes back, with and without a client.
pub async fn logout_is_found_as_it_was_kept<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let session = records::session("a", "\u{1f980} alice");
    let mut large = records::logout("large", Some("web"), &session);
    large.payload = records::large_payload();
    let alone = LogoutRecord {
        requested_at: at(5),
        expires_at: at(6),
        ..records::logout("alone", None, &session)
    };
    for logout in [large, alone] {
        assert_eq!(ok(lab.store.logout(&logout.challenge).await), None);
        ok(lab.store.create_logout(logout.clone()).await);
        let found = ok(lab.store.logout(&logout.challenge).await);
        assert_eq!(found, Some(logout));
    }
}

/// A logout request of a client that is gone is a conflict.
pub async fn logout_needs_its_client<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let logout = records::logout("a", Some("Web"), &records::session("a", "alice"));
    conflict(&lab.store.create_logout(logout.clone()).await);
    assert_eq!(ok(lab.store.logout(&logout.challenge).await), None);
}

/// Neither challenge nor verifier can be used by a second request.
pub async fn taken_logout_names_are_a_conflict<S: Backend>(lab: Lab<S>) {
    let session = records::session("a", "alice");
    let first = records::logout("first", None, &session);
    ok(lab.store.create_logout(first.clone()).await);
    let second = records::logout("second", None, &session);
    let same_challenge = LogoutRecord {
        challenge: first.challenge.clone(),
        ..second.clone()
    };
    let same_verifier = LogoutRecord {
        verifier: first.verifier.clone(),
        ..second.clone()
    };
    for taken in [same_challenge, same_verifier] {
        conflict(&lab.store.create_logout(taken).await);
    }
    let found = ok(lab.store.logout(&first.challenge).await);
    assert_eq!(found, Some(first));
    ok(lab.store.create_logout(second).await);
}

/// The logout app may change its mind; each decision returns the request as it is then.
pub async fn last_decision_on_a_logout_counts<S: Backend>(lab: Lab<S>) {
    let logout = records::logout("a", None, &records::session("a", "alice"));
    let decide = |state| lab.store.decide_logout(&logout.challenge, state);
    assert_eq!(ok(decide(LogoutState::Accepted).await), None);
    ok(lab.store.create_logout(logout.clone()).await);
    for state in [
        LogoutState::Rejected,
        LogoutState::Accepted,
        LogoutState::Accepted,
        LogoutState::Rejected,
    ] {
        let expected = LogoutRecord {
            state,
            ..logout.clone()
        };
        assert_eq!(ok(decide(state).await), Some(expected.clone()));
        let found = ok(lab.store.logout(&logout.challenge).await);
        assert_eq!(found, Some(expected));
    }
}

/// An unknown verifier, and one whose request waits or was rejected, is refused; an accepted one is
/// carried out once and recognised afterwards.
pub async fn only_an_accepted_logout_is_carried_out<S: Backend>(lab: Lab<S>) {
    let logout = records::logout("a", None, &records::session("a", "alice"));
    ok(lab.store.create_logout(logout.clone()).await);
    let take = || lab.store.take_logout_verifier(&logout.verifier);
    let unknown = unknown_verifier();
    let refused = lab.store.take_logout_verifier(&unknown).await;
    assert_eq!(ok(refused), LogoutTaken::Refused);
    assert_eq!(ok(take().await), LogoutTaken::Refused);
    for (state, accepted) in [
        (LogoutState::Rejected, false),
        (LogoutState::Accepted, true),
    ] {
        ok(lab.store.decide_logout(&logout.challenge, state).await);
        let taken = ok(take().await);
        assert_eq!(taken != LogoutTaken::Refused, accepted, "{state:?}");
        if let LogoutTaken::First(record) | LogoutTaken::Again(record) = taken {
            let expected = LogoutRecord {
                state,
                used: record.used,
                ..logout.clone()
            };
            assert_eq!(record, expected);
        }
    }
    for _ in 0..2 {
        assert!(matches!(ok(take().await), LogoutTaken::Again(_)));
    }
    assert!(some(ok(lab.store.logout(&logout.challenge).await)).used);
}

/// Of many who return with one logout verifier, one carries the logout out.
pub async fn one_of_many_carries_a_logout_out<S: Backend>(lab: Lab<S>) {
    let logout = records::logout("a", None, &records::session("a", "alice"));
    ok(lab.store.create_logout(logout.clone()).await);
    let accepted = lab
        .store
        .decide_logout(&logout.challenge, LogoutState::Accepted);
    ok(accepted.await);
    let outcomes = lab.race(CALLERS, |store, _| {
        let verifier = logout.verifier.clone();
        async move { store.take_logout_verifier(&verifier).await }
    });
    let (mut first, mut again) = (0, 0);
    for outcome in outcomes.await {
        match outcome {
            LogoutTaken::First(_) => first += 1,
            LogoutTaken::Again(_) => again += 1,
            LogoutTaken::Refused => {}
        }
    }
    assert_eq!((first, again), (1, CALLERS - 1));
}

/// Requests go with the client that asked; others stay.
pub async fn logout_goes_with_its_client<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    lab.client("Web").await;
    let session = records::session("a", "alice");
    let mut kept = Vec::new();
    for client in [Some("web"), Some("Web"), None] {
        let logout = records::logout(&format!("{client:?}"), client, &session);
        ok(lab.store.create_logout(logout.clone()).await);
        let accepted = lab
            .store
            .decide_logout(&logout.challenge, LogoutState::Accepted);
        ok(accepted.await);
        kept.push(logout);
    }
    assert!(ok(lab.store.delete(&"web".into()).await));
    for logout in kept {
        let stays = logout.client_id != Some("web".into());
        let found = ok(lab.store.logout(&logout.challenge).await);
        assert_eq!(found.is_some(), stays, "{logout:?}");
        let taken = ok(lab.store.take_logout_verifier(&logout.verifier).await);
        assert_eq!(taken != LogoutTaken::Refused, stays, "{logout:?}");
    }
}

/// The session ends and its messages wait, in one step; for a session that is gone none do.
pub async fn ending_a_session_queues_its_messages<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.at_consent("f", "web", "alice").await;
    let session = some(flow.session_id);
    let mut first = records::delivery("first", "web", 0);
    first.payload = records::large_payload();
    let second = records::delivery("second", "web", 0);
    let told = vec![first.clone(), second.clone()];
    assert!(ok(lab.store.end_session_telling(&session, told).await));
    assert_eq!(ok(lab.store.session(&session).await), None);
    let late = vec![records::delivery("late", "web", 0)];
    assert!(!ok(lab.store.end_session_telling(&session, late).await));
    let mut expected = [first, second].map(|d| taken(&d, 60));
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(take(&lab, 1, 60, 100).await, expected);
    let silent = some(lab.at_consent("g", "web", "alice").await.session_id);
    assert!(ok(lab.store.end_session_telling(&silent, vec![]).await));
    assert_eq!(ok(lab.store.session(&silent).await), None);
}

/// Of many who end one session, one does, and its messages alone wait.
pub async fn one_of_many_ends_a_session_and_queues_its_messages<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.at_consent("f", "web", "alice").await;
    let session = some(flow.session_id);
    let outcomes = lab.race(CALLERS, |store, caller| {
        let delivery = records::delivery(&format!("by {caller}"), "web", 0);
        let (id, session) = (delivery.id.clone(), session.clone());
        async move {
            let ended = store.end_session_telling(&session, vec![delivery]);
            Ok((ended.await?, id))
        }
    });
    let outcomes = outcomes.await;
    let ended: Vec<bool> = outcomes.iter().map(|(ended, _)| *ended).collect();
    crate::lab::one_wins(&ended, &true, &false);
    let winner = some(outcomes.into_iter().find(|(ended, _)| *ended)).1;
    let queued = take(&lab, 1, 60, 100).await;
    let ids: Vec<String> = queued.into_iter().map(|d| d.id).collect();
    assert_eq!(ids, [winner]);
}

/// Messages come when they are due, at most as many as wanted, each time with one more attempt
/// counted, and no more once they were removed.
pub async fn due_messages_are_taken_until_they_are_removed<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    queue(&lab, "web", &[("a", 10), ("b", 20), ("c", 1_000)]).await;
    assert_eq!(take(&lab, 9, 100, 10).await, []);
    let a = taken(&records::delivery("a", "web", 10), 100);
    assert_eq!(take(&lab, 10, 100, 10).await, from_ref(&a));
    assert_eq!(take(&lab, 15, 100, 10).await, []);
    let b = taken(&records::delivery("b", "web", 20), 50);
    assert_eq!(take(&lab, 30, 50, 10).await, from_ref(&b));
    let b = taken(&b, 200);
    assert_eq!((b.attempts, b.due_at), (2, at(200)));
    assert_eq!(take(&lab, 60, 200, 10).await, from_ref(&b));
    assert_eq!(take(&lab, 500, 700, 0).await, []);
    let one = take(&lab, 500, 700, 1).await;
    let other = take(&lab, 500, 700, 1).await;
    let mut both = [one, other].concat();
    both.sort_by(|x, y| x.id.cmp(&y.id));
    let mut expected = [taken(&a, 700), taken(&b, 700)];
    expected.sort_by(|x, y| x.id.cmp(&y.id));
    assert_eq!(both, expected);
    for _ in 0..2 {
        ok(lab.store.remove_delivery(&a.id).await);
    }
    assert_eq!(
        take(&lab, 800, 900, 10).await,
        [taken(&taken(&b, 700), 900)]
    );
}

/// Many who ask at once share the messages among them.
pub async fn message_is_not_handed_out_twice<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let names: Vec<String> = (0..CALLERS * 2).map(|n| n.to_string()).collect();
    let due: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 0)).collect();
    queue(&lab, "web", &due).await;
    let mut handed_out = Vec::new();
    for _ in 0..2 {
        let outcomes = lab.race(CALLERS, |store, _| async move {
            let taken = store.take_due_deliveries(at(1), at(60), 3).await?;
            assert!(taken.len() <= 3);
            Ok(taken)
        });
        handed_out.extend(outcomes.await.into_iter().flatten());
    }
    // Who raced for the same messages may have got none; the rest must still be there.
    for _ in 0..names.len() {
        handed_out.extend(take(&lab, 1, 60, 3).await);
    }
    assert!(handed_out.iter().all(|d| d.attempts == 1));
    let mut ids: Vec<String> = handed_out.into_iter().map(|d| d.id).collect();
    ids.sort();
    let mut expected: Vec<String> = names
        .iter()
        .map(|name| records::delivery(name, "web", 0).id)
        .collect();
    expected.sort();
    assert_eq!(ids, expected);
}

/// Messages to a deleted client are dropped.
pub async fn message_goes_with_its_client<S: Backend>(lab: Lab<S>) {
    for client in ["web", "app"] {
        lab.client(client).await;
        queue(&lab, client, &[(client, 0)]).await;
    }
    assert!(ok(lab.store.delete(&"web".into()).await));
    let left = take(&lab, 1, 60, 10).await;
    assert_eq!(left, [taken(&records::delivery("app", "app", 0), 60)]);
}

/// Queues messages about the end of a session.
async fn queue<S: Backend>(lab: &Lab<S>, client: &str, messages: &[(&str, i64)]) {
    let flow = lab.at_consent(client, client, "alice").await;
    let deliveries = messages
        .iter()
        .map(|(name, secs)| records::delivery(name, client, *secs))
        .collect();
    let session = some(flow.session_id);
    assert!(ok(lab
        .store
        .end_session_telling(&session, deliveries)
        .await));
}

/// Takes what is due, in the order of ids.
async fn take<S: Backend>(
    lab: &Lab<S>,
    now: i64,
    retry_at: i64,
    limit: u32,
) -> Vec<DeliveryRecord> {
    let taken = lab
        .store
        .take_due_deliveries(at(now), at(retry_at), limit)
        .await;
    let mut taken = ok(taken);
    taken.sort_by(|a, b| a.id.cmp(&b.id));
    taken
}

/// A message as it is after it was taken once more.
fn taken(delivery: &DeliveryRecord, retry_at: i64) -> DeliveryRecord {
    DeliveryRecord {
        attempts: delivery.attempts + 1,
        due_at: at(retry_at),
        ..delivery.clone()
    }
}
