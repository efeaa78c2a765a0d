//! Flows: found by each of their names, written by one caller at a time.

use consent_flow::{FlowKey, FlowRecord, FlowState, FlowWritten, Revision, SessionChange};
use oauth_types::{ClientVersion, Found};

use crate::lab::{conflict, ok, one_wins, some};
use crate::records;
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    flow_is_found_by_each_of_its_names,
    flow_needs_its_client,
    taken_flow_names_are_a_conflict,
    flow_is_written_whole_and_in_any_state,
    flow_writer_needs_the_last_revision,
    one_of_many_writes_a_flow,
    one_of_many_takes_a_login_verifier,
    one_of_many_takes_a_consent_verifier,
    one_of_many_decides_a_consent,
    late_login_verifier_changes_no_session,
    consent_decision_keeps_replaces_or_removes_the_consent,
    late_consent_decision_changes_no_consent,
);

/// Login challenge, login verifier and, from the consent step on, the other two find the flow,
/// with the version that its client has now; one kind of name is never taken for another.
pub async fn flow_is_found_by_each_of_its_names<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    ok(lab
        .store
        .replace(records::changed(&client), client.version)
        .await);
    let mut flow = records::flow("f", "web");
    flow.payload = records::large_payload();
    ok(lab.store.create_flow(flow.clone()).await);
    let later = records::at_consent(&flow, "alice", None);
    let (challenge, verifier) = (
        some(later.consent_challenge.clone()),
        some(later.consent_verifier.clone()),
    );
    let by_consent = [
        FlowKey::ConsentChallenge(&challenge),
        FlowKey::ConsentVerifier(&verifier),
        FlowKey::LoginVerifier(&verifier),
        FlowKey::ConsentVerifier(&flow.login_verifier),
    ];
    for key in by_consent {
        assert_eq!(ok(lab.store.flow(key).await), None);
    }
    let written = lab.store.write_flow(later.clone(), flow.revision).await;
    assert_eq!(ok(written), FlowWritten::Done);
    let found = Found {
        record: later.clone(),
        client_version: ClientVersion(2),
    };
    for (key, expected) in [
        (FlowKey::LoginChallenge(&flow.login_challenge), Some(&found)),
        (FlowKey::LoginVerifier(&flow.login_verifier), Some(&found)),
        (FlowKey::ConsentChallenge(&challenge), Some(&found)),
        (FlowKey::ConsentVerifier(&verifier), Some(&found)),
        (FlowKey::LoginVerifier(&verifier), None),
        (FlowKey::ConsentVerifier(&flow.login_verifier), None),
        (FlowKey::LoginChallenge(&challenge.as_str().into()), None),
    ] {
        let name = format!("{key:?}");
        assert_eq!(ok(lab.store.flow(key).await).as_ref(), expected, "{name}");
    }
}

/// A flow of a client that is gone is a conflict.
pub async fn flow_needs_its_client<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = records::flow("f", "Web");
    conflict(&lab.store.create_flow(flow.clone()).await);
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    assert_eq!(ok(lab.store.flow(key).await), None);
}

/// Neither login challenge nor login verifier can be used by a second flow.
pub async fn taken_flow_names_are_a_conflict<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let first = lab.flow("f", "web").await;
    let (same_challenge, same_verifier) = (
        FlowRecord {
            login_challenge: first.login_challenge.clone(),
            ..records::flow("g", "web")
        },
        FlowRecord {
            login_verifier: first.login_verifier.clone(),
            ..records::flow("g", "web")
        },
    );
    for second in [same_challenge, same_verifier] {
        conflict(&lab.store.create_flow(second).await);
    }
    let key = FlowKey::LoginVerifier(&first.login_verifier);
    assert_eq!(some(ok(lab.store.flow(key).await)).record, first);
    lab.flow("g", "web").await;
}

/// Every state and every other member of the record comes back after a write.
pub async fn flow_is_written_whole_and_in_any_state<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let mut flow = lab.flow("f", "web").await;
    for (n, state) in [
        FlowState::LoginAccepted,
        FlowState::LoginRejected,
        FlowState::LoginUsed,
        FlowState::ConsentInitialized,
        FlowState::ConsentAccepted,
        FlowState::ConsentRejected,
        FlowState::ConsentUsed,
        FlowState::LoginInitialized,
    ]
    .into_iter()
    .enumerate()
    {
        let next = FlowRecord {
            state,
            subject: (n % 2 == 0).then(|| format!("user \u{1f980} {n}").into()),
            requested_at: flow.requested_at.plus_secs(1),
            expires_at: flow.expires_at.plus_secs(2),
            payload: if n % 2 == 0 { vec![] } else { vec![0, 255] },
            ..records::next(&flow)
        };
        let written = lab.store.write_flow(next.clone(), flow.revision).await;
        assert_eq!(ok(written), FlowWritten::Done);
        let key = FlowKey::LoginChallenge(&flow.login_challenge);
        assert_eq!(some(ok(lab.store.flow(key).await)).record, next);
        flow = next;
    }
}

/// Who read an older revision, or a flow that is gone, writes nothing.
pub async fn flow_writer_needs_the_last_revision<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let first = lab.flow("f", "web").await;
    let second = FlowRecord {
        state: FlowState::LoginAccepted,
        ..records::next(&first)
    };
    let gone = records::next(&records::flow("gone", "web"));
    for (flow, expected, outcome) in [
        (&second, Revision(2), FlowWritten::Changed),
        (&second, Revision(0), FlowWritten::Changed),
        (&second, Revision(1), FlowWritten::Done),
        (&second, Revision(1), FlowWritten::Changed),
        (&gone, Revision(1), FlowWritten::Changed),
    ] {
        let written = lab.store.write_flow(flow.clone(), expected).await;
        assert_eq!(ok(written), outcome, "{expected:?}");
        let taken = lab.store.take_consent_verifier(flow.clone(), Revision(0));
        assert_eq!(ok(taken.await), FlowWritten::Changed);
    }
    let key = FlowKey::LoginChallenge(&first.login_challenge);
    assert_eq!(some(ok(lab.store.flow(key).await)).record, second);
    let key = FlowKey::LoginChallenge(&gone.login_challenge);
    assert_eq!(ok(lab.store.flow(key).await), None);
}

/// Of many who write upon the revision that they all read, one does.
pub async fn one_of_many_writes_a_flow<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.flow("f", "web").await;
    let outcomes = lab.race(CALLERS, |store, caller| {
        let next = FlowRecord {
            payload: records::payload(&format!("by {caller}")),
            ..records::next(&flow)
        };
        async move { Ok((store.write_flow(next, Revision(1)).await?, caller)) }
    });
    let winner = winner(&outcomes.await);
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    let found = some(ok(lab.store.flow(key).await)).record;
    assert_eq!(found.payload, records::payload(&format!("by {winner}")));
}

/// Of many who return with one login verifier, one goes on, and only its session begins.
pub async fn one_of_many_takes_a_login_verifier<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.flow("f", "web").await;
    let session = |caller: usize| records::session(&format!("by {caller}"), "alice");
    let outcomes = lab.race(CALLERS, |store, caller| {
        let begin = session(caller);
        let next = records::at_consent(&flow, "alice", Some(&begin.id));
        let sessions = SessionChange {
            begin: Some(begin),
            ..SessionChange::default()
        };
        async move {
            let taken = store.take_login_verifier(next, Revision(1), sessions);
            Ok((taken.await?, caller))
        }
    });
    let winner = winner(&outcomes.await);
    for caller in 0..CALLERS {
        let begun = ok(lab.store.session(&session(caller).id).await);
        assert_eq!(begun.is_some(), caller == winner, "{caller}");
    }
    let key = FlowKey::LoginVerifier(&flow.login_verifier);
    let found = some(ok(lab.store.flow(key).await)).record;
    assert_eq!(found.session_id, Some(session(winner).id));
}

/// Of many who use up one consent verifier for nothing, one does.
pub async fn one_of_many_takes_a_consent_verifier<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.consented("f", "web", "alice").await;
    let outcomes = lab.race(CALLERS, |store, caller| {
        let used = FlowRecord {
            state: FlowState::ConsentUsed,
            ..records::next(&flow)
        };
        let revision = flow.revision;
        async move { Ok((store.take_consent_verifier(used, revision).await?, caller)) }
    });
    winner(&outcomes.await);
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    let found = some(ok(lab.store.flow(key).await)).record;
    assert_eq!(found.state, FlowState::ConsentUsed);
    assert_eq!(found.revision, records::next(&flow).revision);
}

/// Of many who decide upon one consent request, one does, and its consent is the one that counts.
pub async fn one_of_many_decides_a_consent<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.at_consent("f", "web", "alice").await;
    let outcomes = lab.race(CALLERS, |store, caller| {
        let next = records::consent_accepted(&flow);
        let mut consent = records::consent(&next);
        consent.payload = records::payload(&format!("by {caller}"));
        let revision = flow.revision;
        async move {
            let decided = store.decide_consent(next, revision, Some(consent));
            Ok((decided.await?, caller))
        }
    });
    let winner = winner(&outcomes.await);
    let found = lab.remembered("alice", "web").await;
    let payload = records::payload(&format!("by {winner}"));
    assert_eq!(some(found).payload, payload);
}

/// A login verifier that comes too late begins no session, ends none and forces no identifier.
pub async fn late_login_verifier_changes_no_session<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let old = lab.at_consent("old", "web", "alice").await;
    let held = some(old.session_id.clone());
    let flow = lab.flow("f", "web").await;
    let session = records::session("new", "alice");
    let next = records::at_consent(&flow, "alice", Some(&session.id));
    let sessions = SessionChange {
        begin: Some(session.clone()),
        end: Some(held.clone()),
        forced_identifier: Some(consent_flow::ForcedIdentifier {
            client_id: "web".into(),
            subject: "alice".into(),
            identifier: "x".to_owned(),
        }),
    };
    let taken = lab.store.take_login_verifier(next, Revision(2), sessions);
    assert_eq!(ok(taken.await), FlowWritten::Changed);
    assert_eq!(ok(lab.store.session(&session.id).await), None);
    assert!(ok(lab.store.session(&held).await).is_some());
    let forced = lab.identifier("web", "alice").await;
    assert_eq!(forced, None);
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    assert_eq!(some(ok(lab.store.flow(key).await)).record, flow);
}

/// Accepting again replaces the consent, rejecting removes it, accepting once more brings it back.
pub async fn consent_decision_keeps_replaces_or_removes_the_consent<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let mut flow = lab.at_consent("f", "web", "alice").await;
    for (n, accepted) in [true, true, false, false, true].into_iter().enumerate() {
        let next = FlowRecord {
            state: if accepted {
                FlowState::ConsentAccepted
            } else {
                FlowState::ConsentRejected
            },
            ..records::next(&flow)
        };
        let mut consent = records::consent(&next);
        consent.payload = records::large_payload();
        consent.payload.extend(n.to_string().bytes());
        let kept = accepted.then_some(consent);
        let decided = lab
            .store
            .decide_consent(next.clone(), flow.revision, kept.clone())
            .await;
        assert_eq!(ok(decided), FlowWritten::Done);
        let found = lab.remembered("alice", "web").await;
        assert_eq!(found, kept, "decision {n}");
        let key = FlowKey::LoginChallenge(&flow.login_challenge);
        assert_eq!(some(ok(lab.store.flow(key).await)).record, next);
        flow = next;
    }
}

/// A decision upon an older revision neither keeps nor removes a consent.
pub async fn late_consent_decision_changes_no_consent<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.consented("f", "web", "alice").await;
    let late = records::next(&flow);
    let mut other = records::consent(&late);
    other.payload = records::payload("other");
    for consent in [None, Some(other)] {
        let old = Revision(flow.revision.0 - 1);
        let decided = lab.store.decide_consent(late.clone(), old, consent);
        assert_eq!(ok(decided.await), FlowWritten::Changed);
        let found = lab.remembered("alice", "web").await;
        assert_eq!(found, Some(records::consent(&flow)));
    }
}

/// The one caller whose write was done.
#[track_caller]
fn winner(outcomes: &[(FlowWritten, usize)]) -> usize {
    let kinds: Vec<FlowWritten> = outcomes.iter().map(|(kind, _)| *kind).collect();
    one_wins(&kinds, &FlowWritten::Done, &FlowWritten::Changed);
    let winner = outcomes.iter().find(|(kind, _)| *kind == FlowWritten::Done);
    some(winner).1
}
