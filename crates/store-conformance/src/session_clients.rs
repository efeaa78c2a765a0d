//! Which clients used a login session, and so have to be told of its logout.

use consent_flow::{ConsentsOf, FlowKey, FlowRecord, FlowWritten, SessionChange};
use oauth_types::Subject;

use crate::lab::{ok, some};
use crate::records;
use crate::sessions::{begin, clients, skipped};
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    session_is_used_by_clients_of_its_flows,
    skipped_login_uses_the_session_at_once,
    login_uses_the_session_with_its_verifier,
    flow_of_an_ended_session_is_no_conflict,
    clients_leave_a_session_with_their_consents,
);

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
