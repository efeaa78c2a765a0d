//! How much work an operation is: statements (on PostgreSQL: round trips) and durable commits.

use client_registry::ClientStore;
use consent_flow::{FlowKey, FlowRecord, FlowStore, FlowWritten, SessionChange};
use oauth_core::{Authorized, Generation, GrantStore, NewAuthorization, Redeemed, Rotated};
use oauth_types::Guarded;
use persistence::Db;
use store_conformance::records;

use crate::common;

/// Runs one operation and compares what it cost: statements on this database and commits.
async fn check<T>(
    db: &Db,
    name: &str,
    operation: impl Future<Output = T>,
    (sqlite, postgres): (u64, u64),
    commits: u64,
) -> T {
    let before = (db.statements(), db.commits());
    let outcome = operation.await;
    let spent = (db.statements() - before.0, db.commits() - before.1);
    let statements = if db.driver() == "postgres" {
        postgres
    } else {
        sqlite
    };
    assert_eq!(spent, (statements, commits), "{name} on {}", db.driver());
    outcome
}

/// Everything that a code flow with a refresh asks of the stores, in order.
async fn every_step_keeps_its_budget(db: &Db) {
    // SQLite counts BEGIN IMMEDIATE and COMMIT; a statement alone is its own transaction elsewhere.
    const LOOK: (u64, u64) = (1, 1);
    const WRITE: (u64, u64) = (3, 1);
    let client = records::client("web");
    check(db, "create", db.create(client.clone()), WRITE, 1)
        .await
        .unwrap();

    let machine = records::machine_access("machine", "web");
    let put = db.put_access(machine.clone(), records::guard(&client));
    assert_eq!(
        check(db, "put_access", put, WRITE, 1).await.unwrap(),
        Guarded::Done
    );
    let found = check(db, "access", db.access(&machine.signature), LOOK, 0)
        .await
        .unwrap();
    assert!(found.is_some());

    let flow = records::flow("f", "web");
    check(db, "create_flow", db.create_flow(flow.clone()), WRITE, 1)
        .await
        .unwrap();
    let by_challenge = db.flow(FlowKey::LoginChallenge(&flow.login_challenge));
    assert!(
        check(db, "flow", by_challenge, LOOK, 0)
            .await
            .unwrap()
            .is_some()
    );
    let accepted = records::next(&flow);
    let write = db.write_flow(accepted.clone(), flow.revision);
    assert_eq!(
        check(db, "write_flow", write, WRITE, 1).await.unwrap(),
        FlowWritten::Done
    );

    let session = records::session("f", "alice");
    let at_consent = records::at_consent(&accepted, "alice", Some(&session.id));
    let change = SessionChange {
        begin: Some(session.clone()),
        ..SessionChange::default()
    };
    let take = db.take_login_verifier(at_consent.clone(), accepted.revision, change);
    let taken = check(db, "take_login_verifier", take, (5, 1), 1)
        .await
        .unwrap();
    assert_eq!(taken, FlowWritten::Done);

    let consented = records::consent_accepted(&at_consent);
    let consent = records::consent(&consented);
    let decide = db.decide_consent(consented.clone(), at_consent.revision, Some(consent));
    let decided = check(db, "decide_consent", decide, (4, 1), 1)
        .await
        .unwrap();
    assert_eq!(decided, FlowWritten::Done);
    let subject = "alice".into();
    let remembered = db.remembered_consent(&subject, &client.id);
    assert!(
        check(db, "remembered_consent", remembered, LOOK, 0)
            .await
            .unwrap()
            .is_some()
    );

    let grant = records::grant(&consented);
    let code = records::code(&grant);
    let authorize = db.authorize(NewAuthorization {
        verifier: consented.consent_verifier.unwrap(),
        grant: grant.clone(),
        code: Some(code.clone()),
        access: None,
    });
    let authorized = check(db, "authorize", authorize, (5, 1), 1).await.unwrap();
    assert_eq!(authorized, Authorized::Done);

    assert!(
        check(db, "code", db.code(&code.signature), LOOK, 0)
            .await
            .unwrap()
            .is_some()
    );
    let tokens = records::tokens(&grant, Generation::FIRST, "first");
    let redeem = db.redeem_code(&code.signature, tokens.clone());
    assert_eq!(
        check(db, "redeem_code", redeem, (7, 1), 1).await.unwrap(),
        Redeemed::First
    );

    let refresh = tokens.refresh.unwrap();
    let found = db.refresh(&refresh.signature);
    assert!(
        check(db, "refresh", found, LOOK, 0)
            .await
            .unwrap()
            .unwrap()
            .record
            .live
    );
    let rotate = db.rotate_refresh(records::rotation(&grant, &refresh, "second"));
    assert_eq!(
        check(db, "rotate_refresh", rotate, (5, 1), 1)
            .await
            .unwrap(),
        Rotated::Done
    );

    check(db, "end_tokens", db.end_tokens(&grant.id), WRITE, 1)
        .await
        .unwrap();
    check(db, "end_grant", db.end_grant(&grant.id), WRITE, 1)
        .await
        .unwrap();
    let remove = db.remove_access(&machine.signature);
    check(db, "remove_access", remove, WRITE, 1).await.unwrap();
    let look = db.session(&session.id);
    assert!(check(db, "session", look, LOOK, 0).await.unwrap().is_some());

    let skipped = FlowRecord {
        subject: Some(session.subject),
        session_id: Some(session.id),
        ..records::flow("skipped", "web")
    };
    check(
        db,
        "create_flow of a session",
        db.create_flow(skipped),
        (4, 1),
        1,
    )
    .await
    .unwrap();
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_keeps_the_budget() {
    let folder = common::Folder::new("budget");
    every_step_keeps_its_budget(&folder.fresh().await).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_keeps_the_budget() {
    let Some(server) = common::Server::from_environment() else {
        return;
    };
    every_step_keeps_its_budget(&server.fresh().await).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn simultaneous_writes_of_sqlite_share_commits() {
    let folder = common::Folder::new("group");
    let db = folder.fresh().await;
    let client = records::client("web");
    db.create(client.clone()).await.unwrap();
    let before = db.commits();
    let writes = (0..64).map(|i| {
        db.put_access(
            records::machine_access(&format!("t{i}"), "web"),
            records::guard(&client),
        )
    });
    for written in futures::future::join_all(writes).await {
        assert_eq!(written.unwrap(), Guarded::Done);
    }
    let commits = db.commits() - before;
    assert!(commits <= 8, "{commits} commits for 64 writes");
}
