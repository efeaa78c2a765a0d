//! Login sessions: how they begin and end, who used them, and identifiers forced at login.

use consent_flow::{
    ConsentsOf, FlowKey, FlowRecord, FlowState, FlowWritten, ForcedIdentifier, Revision,
    SessionChange, SessionRecord,
};
use oauth_types::{ClientId, SessionId, Subject};

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
    session_is_used_by_clients_of_its_flows,
    skipped_login_uses_the_session_at_once,
    login_uses_the_session_with_its_verifier,
    flow_of_an_ended_session_is_no_conflict,
    clients_leave_a_session_with_their_consents,
    forced_identifier_is_the_last_one_given,
    forced_identifiers_are_kept_apart_exactly,
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

/// A client counts once, however often it used the session; clients of other sessions do not; a
/// deleted client and an ended session drop out.
pub async fn session_is_used_by_clients_of_its_flows<S: Backend>(lab: Lab<S>) {
    for id in ["web", "app", "Web", "tv"] {
        lab.client(id).await;
    }
    let (mine, other) = (
        records::session("a", "alice"),
        records::session("b", "alice"),
    );
    begin(&lab, "f1", "web", &mine).await;
    begin(&lab, "f2", "tv", &other).await;
    for (name, client) in [("f3", "web"), ("f4", "app"), ("f5", "app"), ("f6", "Web")] {
        let flow = skipped(&lab, name, client, &mine.id).await;
        let next = records::at_consent(&flow, "alice", Some(&mine.id));
        let sessions = SessionChange::default();
        let taken = lab.store.take_login_verifier(next, flow.revision, sessions);
        assert_eq!(ok(taken.await), FlowWritten::Done);
    }
    assert_eq!(clients(&lab, &mine.id).await, ["Web", "app", "web"]);
    assert_eq!(clients(&lab, &other.id).await, ["tv"]);
    assert!(ok(lab.store.delete(&"app".into()).await));
    assert_eq!(clients(&lab, &mine.id).await, ["Web", "web"]);
    assert!(ok(lab.store.end_session(&mine.id).await));
    assert!(clients(&lab, &mine.id).await.is_empty());
    assert_eq!(clients(&lab, &other.id).await, ["tv"]);
}

/// A flow that begins with a session and a subject makes its client one of the session's at once.
pub async fn skipped_login_uses_the_session_at_once<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    lab.client("app").await;
    let session = records::session("a", "alice");
    begin(&lab, "f", "web", &session).await;
    assert_eq!(clients(&lab, &session.id).await, ["web"]);
    skipped(&lab, "skipped", "app", &session.id).await;
    assert_eq!(clients(&lab, &session.id).await, ["app", "web"]);
}

/// A flow without a subject does not use its session until its login verifier is taken; a session
/// that begins is used by the client of its flow.
pub async fn login_uses_the_session_with_its_verifier<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    lab.client("app").await;
    let session = records::session("a", "alice");
    let flow = lab.flow("f", "web").await;
    let unnamed = FlowRecord {
        session_id: Some(session.id.clone()),
        ..records::flow("unnamed", "app")
    };
    let begins = SessionChange {
        begin: Some(session.clone()),
        ..SessionChange::default()
    };
    let next = records::at_consent(&flow, "alice", None);
    let taken = lab.store.take_login_verifier(next, flow.revision, begins);
    assert_eq!(ok(taken.await), FlowWritten::Done);
    assert_eq!(clients(&lab, &session.id).await, ["web"]);
    ok(lab.store.create_flow(unnamed.clone()).await);
    assert_eq!(clients(&lab, &session.id).await, ["web"]);
    let next = records::at_consent(&unnamed, "alice", Some(&session.id));
    let taken = lab
        .store
        .take_login_verifier(next, unnamed.revision, SessionChange::default());
    assert_eq!(ok(taken.await), FlowWritten::Done);
    assert_eq!(clients(&lab, &session.id).await, ["app", "web"]);
}

/// The session may end between its reading and the writing of the flow that skips the login; the
/// flow is kept all the same, and the ended session has no clients.
pub async fn flow_of_an_ended_session_is_no_conflict<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let session = records::session("a", "alice");
    let flow = skipped(&lab, "skipped", "web", &session.id).await;
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    assert!(ok(lab.store.flow(key).await).is_some());
    assert!(clients(&lab, &session.id).await.is_empty());
}

/// A client whose consents a user revoked is no longer told about that user's logouts.
pub async fn clients_leave_a_session_with_their_consents<S: Backend>(lab: Lab<S>) {
    for id in ["web", "app", "tv"] {
        lab.client(id).await;
    }
    let session = records::session("web", "alice");
    lab.consented("web", "web", "alice").await;
    for client in ["app", "tv"] {
        skipped(&lab, client, client, &session.id).await;
    }
    let foreign = some(lab.consented("bob", "web", "bob").await.session_id);
    let alice = Subject::from("alice");
    let revoke = |of| lab.store.revoke_consents(&alice, of);
    ok(revoke(ConsentsOf::Client("app".into())).await);
    assert_eq!(clients(&lab, &session.id).await, ["tv", "web"]);
    ok(revoke(ConsentsOf::Everyone).await);
    assert!(clients(&lab, &session.id).await.is_empty());
    assert_eq!(clients(&lab, &foreign).await, ["web"]);
    assert!(ok(lab.store.session(&session.id).await).is_some());
}

/// A second forced identifier takes the place of the first; a login without one changes nothing.
pub async fn forced_identifier_is_the_last_one_given<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for (name, forced, expected) in [
        ("none", None, None),
        ("first", Some("id-1"), Some("id-1")),
        ("kept", None, Some("id-1")),
        ("second", Some("\u{1f980}'%"), Some("\u{1f980}'%")),
    ] {
        force(&lab, name, "web", "alice", forced).await;
        let found = lab.identifier("web", "alice").await;
        assert_eq!(found.as_deref(), expected, "{name}");
    }
}

/// Identifiers are those of the very client and the very user.
pub async fn forced_identifiers_are_kept_apart_exactly<S: Backend>(lab: Lab<S>) {
    for (n, text) in records::odd_texts().iter().enumerate() {
        lab.client(text).await;
        let name = format!("{n} client");
        force(&lab, &name, text, "alice", Some(&name)).await;
        let name = format!("{n} user");
        force(&lab, &name, "", text, Some(&name)).await;
    }
    for (n, text) in records::odd_texts().iter().enumerate() {
        let client = ClientId::from(text.as_str());
        let by_client = lab.store.forced_identifier(&client, &"alice".into()).await;
        assert_eq!(ok(by_client), Some(format!("{n} client")), "{text:?}");
        let by_user = lab
            .store
            .forced_identifier(&"".into(), &text.as_str().into())
            .await;
        assert_eq!(ok(by_user), Some(format!("{n} user")), "{text:?}");
    }
    assert!(ok(lab.store.delete(&"ab".into()).await));
    for (n, text) in records::odd_texts().iter().enumerate() {
        let client = ClientId::from(text.as_str());
        let found = ok(lab.store.forced_identifier(&client, &"alice".into()).await);
        let expected = (text != "ab").then(|| format!("{n} client"));
        assert_eq!(found, expected, "{text:?}");
    }
}

/// Lets a login begin a session.
async fn begin<S: Backend>(lab: &Lab<S>, name: &str, client: &str, session: &SessionRecord) {
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
async fn skipped<S: Backend>(
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

/// Lets a login force an identifier, or none.
async fn force<S: Backend>(
    lab: &Lab<S>,
    name: &str,
    client: &str,
    subject: &str,
    identifier: Option<&str>,
) {
    let flow = lab.flow(name, client).await;
    let next = records::at_consent(&flow, subject, None);
    let sessions = SessionChange {
        forced_identifier: identifier.map(|identifier| ForcedIdentifier {
            client_id: client.into(),
            subject: subject.into(),
            identifier: identifier.to_owned(),
        }),
        ..SessionChange::default()
    };
    let taken = lab.store.take_login_verifier(next, Revision(1), sessions);
    assert_eq!(ok(taken.await), FlowWritten::Done);
}

/// The session that a flow has now.
async fn session_of<S: Backend>(lab: &Lab<S>, flow: &FlowRecord) -> Option<SessionId> {
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    some(ok(lab.store.flow(key).await)).record.session_id
}

/// The clients of a session in alphabetical order.
async fn clients<S: Backend>(lab: &Lab<S>, session: &SessionId) -> Vec<String> {
    let clients = ok(lab.store.clients_of_session(session).await);
    let mut ids: Vec<String> = clients.into_iter().map(ClientId::into_string).collect();
    ids.sort();
    ids
}
