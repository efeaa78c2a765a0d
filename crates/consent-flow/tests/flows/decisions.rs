//! Apps may decide again until the browser comes back: the last answer counts (authorization
//! document 6.4, 7.5).

use consent_flow::{AcceptConsent, AcceptLogin, ConsentSessionData};
use oauth_types::Timestamp;
use serde_json::json;

use crate::{Lab, NOW, consent, login, rejection, told};

#[tokio::test]
async fn the_last_accepted_login_counts_and_leads_to_the_same_place() {
    let lab = Lab::new().await;
    let challenge = lab.start(None).await;
    let strong = AcceptLogin {
        remember: true,
        remember_for: 60,
        acr: "gold".into(),
        amr: vec!["otp".into()],
        force_subject_identifier: "forced".into(),
        context: Some("{\"a\":1}".into()),
        ..login("alice")
    };
    let first = lab
        .flows
        .accept_login(&challenge, strong, NOW)
        .await
        .expect("open");
    let later = NOW.plus_secs(30);
    let second = lab
        .flows
        .accept_login(&challenge, login("alice"), later)
        .await
        .expect("open");
    assert_eq!(first, second);
    let base = "https://id.example/oauth2/auth?client_id=web&login_verifier=";
    assert!(
        first.starts_with(base) && first.ends_with("&state=s"),
        "{first}"
    );
    let details = lab.flow(&challenge).await.details;
    assert_eq!(details.authenticated_at, Some(later.as_secs()));
    assert_eq!((details.remember, details.remember_for), (false, 0));
    assert_eq!((details.acr.as_str(), details.amr.len()), ("", 0));
    assert_eq!(
        (details.forced_identifier.as_str(), details.context),
        ("", None)
    );
}

/// Hydra fails with 500 if the second identifier differs from the first.
#[tokio::test]
async fn another_forced_identifier_replaces_the_first() {
    let lab = Lab::new().await;
    let challenge = lab.start(None).await;
    for identifier in ["one", "two"] {
        let accept = AcceptLogin {
            force_subject_identifier: identifier.into(),
            ..login("alice")
        };
        lab.flows
            .accept_login(&challenge, accept, NOW)
            .await
            .expect("open");
        assert_eq!(
            lab.flow(&challenge).await.details.forced_identifier,
            identifier
        );
    }
}

#[tokio::test]
async fn nobody_cannot_log_in() {
    let lab = Lab::new().await;
    let known = lab.start(None).await;
    for challenge in [known, "none".into()] {
        let refused = lab.accept(&challenge, "").await.map_err(told);
        assert_eq!(
            refused,
            Err("400 invalid_request".to_owned()),
            "before anything is looked up"
        );
    }
}

#[tokio::test]
async fn a_rejection_blanks_the_login_and_a_later_acceptance_may_name_anybody() {
    let lab = Lab::new().await;
    let challenge = lab.start(None).await;
    lab.accept(&challenge, "alice").await.expect("open");
    lab.reject(&challenge).await.expect("open");
    let flow = lab.flow(&challenge).await;
    assert_eq!(
        (flow.record.subject, flow.details.authenticated_at),
        (None, None)
    );
    lab.accept(&challenge, "bob").await.expect("open");
    let flow = lab.flow(&challenge).await;
    assert_eq!(flow.record.subject, Some("bob".into()));
    assert_eq!(flow.details.login_rejection, None);
}

/// Hydra loses the time and fails with `server_error` in the end.
#[tokio::test]
async fn a_skipped_login_keeps_its_time_through_a_rejection_and_is_always_remembered() {
    let lab = Lab::new().await;
    let challenge = lab.start(Some("alice")).await;
    lab.reject(&challenge).await.expect("open");
    lab.accept(&challenge, "alice").await.expect("open");
    let details = lab.flow(&challenge).await.details;
    assert_eq!(
        details.authenticated_at,
        Some(NOW.plus_secs(-100).as_secs())
    );
    assert!(details.remember, "whatever the app says");
}

#[tokio::test]
async fn a_login_begins_a_session_unless_it_was_skipped() {
    for (skip, begins) in [(None, true), (Some("alice"), false)] {
        let lab = Lab::new().await;
        let challenge = lab.start(skip).await;
        lab.accept(&challenge, "alice").await.expect("open");
        let id = lab
            .flow(&challenge)
            .await
            .record
            .session_id
            .expect("from the start");
        assert_eq!(lab.flows.store.session(&id).await.expect("a memory"), None);
        lab.to_consent(&challenge).await;
        let session = lab.flows.store.session(&id).await.expect("a memory");
        assert_eq!(session.is_some(), begins, "{skip:?}");
        if let Some(session) = session {
            assert_eq!((session.subject, session.remember), ("alice".into(), false));
            let usable = lab.flows.usable_session(Some(&id)).await.expect("a memory");
            assert!(usable.is_none(), "it is not remembered");
        }
    }
}

#[tokio::test]
async fn the_last_consent_counts_and_silence_keeps_the_session_data() {
    let lab = Lab::new().await;
    let challenge = lab.start(None).await;
    lab.accept(&challenge, "alice").await.expect("open");
    let consent_challenge = lab.to_consent(&challenge).await;
    let data = ConsentSessionData {
        access_token: [("tenant".to_owned(), json!(7))].into_iter().collect(),
        ..ConsentSessionData::default()
    };
    let full = AcceptConsent {
        session: Some(data.clone()),
        remember: true,
        remember_for: 60,
        ..consent("openid mail")
    };
    let first = lab
        .flows
        .accept_consent(&consent_challenge, full, NOW)
        .await
        .expect("open");
    let rejected = lab
        .flows
        .reject_consent(&consent_challenge, rejection(), NOW)
        .await;
    assert_eq!(rejected.expect("open"), first, "the same verifier");
    let details = lab.flow(&challenge).await.details;
    assert_eq!(
        (details.granted_scope.len(), details.consent_remember),
        (0, false)
    );
    let remembered = lab
        .flows
        .remembered(&"alice".into(), &"web".into(), NOW)
        .await;
    assert_eq!(
        remembered.expect("a memory"),
        None,
        "a rejected consent counts no more"
    );

    let again = lab
        .flows
        .accept_consent(&consent_challenge, consent("openid"), NOW)
        .await;
    assert_eq!(again.expect("open"), first);
    let details = lab.flow(&challenge).await.details;
    assert_eq!(details.granted_scope, ["openid"]);
    assert_eq!(
        details.session, data,
        "silence keeps it, through the rejection, too"
    );
    assert_eq!(details.consent_rejection, None);

    let emptied = AcceptConsent {
        session: Some(ConsentSessionData::default()),
        ..consent("openid")
    };
    lab.flows
        .accept_consent(&consent_challenge, emptied, NOW)
        .await
        .expect("open");
    assert_eq!(
        lab.flow(&challenge).await.details.session,
        ConsentSessionData::default()
    );
}

/// The lifetime counts from the beginning of the flow, not from the click.
#[tokio::test]
async fn a_remembered_consent_is_as_old_as_its_flow() {
    for (remember_for, later, counts) in [(60, 60, true), (60, 61, false), (0, 1_000_000, true)] {
        let lab = Lab::new().await;
        let challenge = lab.start(None).await;
        lab.accept(&challenge, "alice").await.expect("open");
        let consent_challenge = lab.to_consent(&challenge).await;
        let accept = AcceptConsent {
            remember: true,
            remember_for,
            ..consent("openid")
        };
        let clicked: Timestamp = NOW.plus_secs(50);
        lab.flows
            .accept_consent(&consent_challenge, accept, clicked)
            .await
            .expect("open");
        let at = NOW.plus_secs(later);
        let remembered = lab
            .flows
            .remembered(&"alice".into(), &"web".into(), at)
            .await;
        assert_eq!(
            remembered.expect("a memory").is_some(),
            counts,
            "{remember_for} {later}"
        );
    }
}

/// Of many who decide at the same moment all are answered, and one of them is the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_decisions_follow_each_other() {
    let lab = Lab::new().await;
    let challenge = lab.start(None).await;
    let mut callers = tokio::task::JoinSet::new();
    for remember_for in 1..=8 {
        let (flows, challenge) = (lab.flows.clone(), challenge.clone());
        callers.spawn(async move {
            let accept = AcceptLogin {
                remember_for,
                ..login("alice")
            };
            flows.accept_login(&challenge, accept, NOW).await
        });
    }
    let answers = callers.join_all().await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let flow = lab.flow(&challenge).await;
    assert!((1..=8).contains(&flow.details.remember_for));
    assert_eq!(flow.record.revision.0, 9, "each wrote once");
}
