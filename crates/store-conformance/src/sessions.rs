//! Login sessions: how they begin and end.

use consent_flow::{FlowKey, FlowRecord, FlowState, FlowWritten, SessionChange, SessionRecord};
use oauth_types::{ClientId, SessionId};

use crate::lab::{ok, some};
use crate::records::{self, at};
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    session_begins_as_it_was_given,
    login_can_end_the_session_that_the_browser_held,
    failed_login_ends_the_session_of_its_own_flow,
    ended_session_is_taken_out_of_flows_and_consents,
    session_that_ended_meanwhile_stays_out_of_its_flow,
    session_that_ended_meanwhile_stays_out_of_a_new_consent,
    sessions_of_a_user_end_together,
    announced_session_begins_though_all_others_ended,
);

/// Every member of a session comes back.
pub async fn session_begins_as_it_was_given<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let kept = records::session("kept", "alice");
    let short = SessionRecord {
        subject: "\u{1f980}".repeat(255).into(),
        authenticated_at: at(9),
        remember: false,
        expires_at: at(60),
        ..records::session("short", "")
    };
    for session in [kept, short] {
        assert_eq!(ok(lab.store.session(&session.id).await), None);
        begin(&lab, session.id.as_str(), "web", &session).await;
        assert_eq!(ok(lab.store.session(&session.id).await), Some(session));
    }
}

/// The session that the browser held ends with the login; one that is gone already is no error.
pub async fn login_can_end_the_session_that_the_browser_held<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let old = lab.consented("old", "web", "alice").await;
    let held = some(old.session_id.clone());
    for name in ["ends it", "finds it gone"] {
        let flow = lab.flow(name, "web").await;
        let session = records::session(name, "alice");
        let next = records::at_consent(&flow, "alice", Some(&session.id));
        let sessions = SessionChange {
            begin: Some(session.clone()),
            end: Some(held.clone()),
            forced_identifier: None,
        };
        let taken = lab.store.take_login_verifier(next, flow.revision, sessions);
        assert_eq!(ok(taken.await), FlowWritten::Done, "{name}");
        assert_eq!(ok(lab.store.session(&held).await), None, "{name}");
        let begun = ok(lab.store.session(&session.id).await);
        assert_eq!(begun, Some(session), "{name}");
        assert_eq!(session_of(&lab, &old).await, None, "{name}");
    }
}

/// A skipped login that fails can end its own session; then the flow has none.
pub async fn failed_login_ends_the_session_of_its_own_flow<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let old = lab.at_consent("old", "web", "alice").await;
    let held = some(old.session_id.clone());
    let skipped = skipped(&lab, "skipped", "web", &held).await;
    let mut used = records::next(&skipped);
    used.state = FlowState::LoginUsed;
    let sessions = SessionChange {
        end: Some(held.clone()),
        ..SessionChange::default()
    };
    let taken = lab
        .store
        .take_login_verifier(used, skipped.revision, sessions);
    assert_eq!(ok(taken.await), FlowWritten::Done);
    assert_eq!(ok(lab.store.session(&held).await), None);
    assert_eq!(session_of(&lab, &skipped).await, None);
    assert!(clients(&lab, &held).await.is_empty());
}

/// Ending a session empties it in its flows and consents, which stay otherwise as they are.
pub async fn ended_session_is_taken_out_of_flows_and_consents<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.consented("f", "web", "alice").await;
    let other = lab.consented("other", "web", "bob").await;
    let id = some(flow.session_id.clone());
    assert!(ok(lab.store.end_session(&id).await));
    assert!(!ok(lab.store.end_session(&id).await));
    assert_eq!(ok(lab.store.session(&id).await), None);
    for (flow, subject) in [(&flow, "alice"), (&other, "bob")] {
        let session_id = flow.session_id.clone().filter(|s| *s != id);
        let expected = FlowRecord {
            session_id,
            ..flow.clone()
        };
        let key = FlowKey::LoginChallenge(&flow.login_challenge);
        let found = some(ok(lab.store.flow(key).await)).record;
        assert_eq!(found, expected);
        let consent = lab.remembered(subject, "web").await;
        assert_eq!(consent, Some(records::consent(&expected)));
    }
}

/// Ending a session does not count as a write of the flow: who read the flow before can still
/// write it, but does not bring the session back.
pub async fn session_that_ended_meanwhile_stays_out_of_its_flow<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let old = lab.at_consent("old", "web", "alice").await;
    let held = some(old.session_id.clone());
    let written = skipped(&lab, "written", "web", &held).await;
    let taken = skipped(&lab, "taken", "web", &held).await;
    assert!(ok(lab.store.end_session(&held).await));
    let done = lab
        .store
        .write_flow(records::next(&written), written.revision)
        .await;
    assert_eq!(ok(done), FlowWritten::Done);
    assert_eq!(session_of(&lab, &written).await, None);
    let next = records::at_consent(&taken, "alice", Some(&held));
    let sessions = SessionChange::default();
    let done = lab
        .store
        .take_login_verifier(next.clone(), taken.revision, sessions)
        .await;
    assert_eq!(ok(done), FlowWritten::Done);
    assert_eq!(session_of(&lab, &taken).await, None);
    let mut used = records::next(&next);
    used.state = FlowState::ConsentUsed;
    let done = lab.store.take_consent_verifier(used, next.revision).await;
    assert_eq!(ok(done), FlowWritten::Done);
    assert_eq!(session_of(&lab, &taken).await, None);
    assert!(clients(&lab, &held).await.is_empty());
}

/// A consent that is given after the session ended does not name it.
pub async fn session_that_ended_meanwhile_stays_out_of_a_new_consent<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.at_consent("f", "web", "alice").await;
    let held = some(flow.session_id.clone());
    assert!(ok(lab.store.end_session(&held).await));
    let next = records::consent_accepted(&flow);
    let consent = records::consent(&next);
    assert_eq!(consent.session_id, Some(held));
    let decided = lab.store.decide_consent(next, flow.revision, Some(consent));
    assert_eq!(ok(decided.await), FlowWritten::Done);
    assert_eq!(session_of(&lab, &flow).await, None);
    let found = lab.remembered("alice", "web").await;
    assert_eq!(some(found).session_id, None);
}

/// All sessions of the very user end; users whose names a database likes to mix up keep theirs.
pub async fn sessions_of_a_user_end_together<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let mut sessions = Vec::new();
    for (n, subject) in records::odd_texts().into_iter().enumerate() {
        for part in ["a", "b"] {
            let session = records::session(&format!("{n}{part}"), &subject);
            begin(&lab, session.id.as_str(), "web", &session).await;
            sessions.push(session);
        }
    }
    ok(lab.store.end_sessions_of(&"ab".into()).await);
    ok(lab.store.end_sessions_of(&"nobody".into()).await);
    for session in sessions {
        let there = ok(lab.store.session(&session.id).await).is_some();
        assert_eq!(there, session.subject.as_str() != "ab", "{session:?}");
    }
}

/// A flow names its session before that begins. Ending the user's sessions does not touch such a
/// flow, and its session begins afterwards.
pub async fn announced_session_begins_though_all_others_ended<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let session = records::session("announced", "alice");
    let flow = FlowRecord {
        session_id: Some(session.id.clone()),
        ..records::flow("f", "web")
    };
    ok(lab.store.create_flow(flow.clone()).await);
    assert!(clients(&lab, &session.id).await.is_empty());
    let accepted = FlowRecord {
        state: FlowState::LoginAccepted,
        subject: Some("alice".into()),
        ..records::next(&flow)
    };
    let written = lab.store.write_flow(accepted.clone(), flow.revision).await;
    assert_eq!(ok(written), FlowWritten::Done);
    ok(lab.store.end_sessions_of(&"alice".into()).await);
    assert_eq!(session_of(&lab, &flow).await, Some(session.id.clone()));
    let next = records::at_consent(&accepted, "alice", Some(&session.id));
    let sessions = SessionChange {
        begin: Some(session.clone()),
        ..SessionChange::default()
    };
    let taken = lab
        .store
        .take_login_verifier(next, accepted.revision, sessions)
        .await;
    assert_eq!(ok(taken), FlowWritten::Done);
    assert_eq!(session_of(&lab, &flow).await, Some(session.id.clone()));
    assert_eq!(clients(&lab, &session.id).await, ["web"]);
}

/// Lets a login begin a session.
pub(crate) async fn begin<S: Backend>(
    lab: &Lab<S>,
    name: &str,
    client: &str,
    session: &SessionRecord,
) {
    let flow = lab.flow(name, client).await;
    let next = records::at_consent(&flow, session.subject.as_str(), Some(&session.id));
    let sessions = SessionChange {
        begin: Some(session.clone()),
        ..SessionChange::default()
    };
    let taken = lab.store.take_login_verifier(next, flow.revision, sessions);
    assert_eq!(ok(taken.await), FlowWritten::Done);
}

/// Begins a flow that skips the login of Alice.
pub(crate) async fn skipped<S: Backend>(
    lab: &Lab<S>,
    name: &str,
    client: &str,
    session: &SessionId,
) -> FlowRecord {
    let flow = FlowRecord {
        subject: Some("alice".into()),
        session_id: Some(session.clone()),
        ..records::flow(name, client)
    };
    ok(lab.store.create_flow(flow.clone()).await);
    flow
}

/// The session that a flow has now.
async fn session_of<S: Backend>(lab: &Lab<S>, flow: &FlowRecord) -> Option<SessionId> {
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    some(ok(lab.store.flow(key).await)).record.session_id
}

/// The clients of a session in alphabetical order.
pub(crate) async fn clients<S: Backend>(lab: &Lab<S>, session: &SessionId) -> Vec<String> {
    let clients = ok(lab.store.clients_of_session(session).await);
    let mut ids: Vec<String> = clients.into_iter().map(ClientId::into_string).collect();
    ids.sort();
    ids
}
