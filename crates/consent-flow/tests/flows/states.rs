//! The table of transitions: what each operation does in each state (authorization document 12.2).

use std::sync::Arc;

use client_registry::Client;
use consent_flow::{Flow, FlowError, Requested};
use oauth_types::{ClientId, ErrorCode, LoginChallenge};

use crate::{Lab, NOW, consent, rejection, told};

/// The states in the order of the table, by their numbers.
const STATES: [i16; 8] = [1, 2, 128, 3, 4, 5, 129, 6];

/// An operation of an app or of the browser.
#[derive(Clone, Copy, Debug)]
enum Do {
    ReadLogin,
    AcceptLogin(&'static str),
    RejectLogin,
    BringLoginVerifier,
    ReadConsent,
    AcceptConsent,
    RejectConsent,
    BringConsentVerifier,
}

/// A flow of alice that was brought into a state in the way that leads there.
async fn bring(lab: &Lab, state: i16, skip: Option<&str>) -> LoginChallenge {
    let challenge = lab.start(skip).await;
    if state == 128 {
        lab.reject(&challenge).await.expect("a fresh flow");
    } else if state != 1 {
        lab.accept(&challenge, "alice").await.expect("a fresh flow");
    }
    if state == 3 {
        let verifier = lab.flow(&challenge).await.details.login_verifier;
        let returned = lab
            .flows
            .return_from_login(&verifier)
            .await
            .expect("accepted");
        lab.flows
            .refuse_login(returned, None, ErrorCode::ServerError)
            .await;
    }
    if [4, 5, 129, 6].contains(&state) {
        let consent_challenge = lab.to_consent(&challenge).await;
        if state == 129 {
            let rejected = lab
                .flows
                .reject_consent(&consent_challenge, rejection(), NOW)
                .await;
            rejected.expect("a fresh consent step");
        } else if state != 4 {
            let accepted = lab
                .flows
                .accept_consent(&consent_challenge, consent("openid"), NOW);
            accepted.await.expect("a fresh consent step");
        }
        if state == 6 {
            let verifier = lab.flow(&challenge).await.details.consent_verifier;
            let flow = lab
                .flows
                .return_from_consent(&verifier)
                .await
                .expect("accepted");
            lab.flows.refuse_consent(flow, ErrorCode::ServerError).await;
        }
    }
    assert_eq!(lab.flow(&challenge).await.record.state.code(), state);
    challenge
}

/// What an operation comes to: the state that it leads to, or what the caller is told.
async fn act(lab: &Lab, challenge: &LoginChallenge, operation: Do) -> String {
    let flow = lab.flow(challenge).await;
    let read = |open: bool| if open { "200" } else { "410" }.to_owned();
    let client = Arc::new(Client::new(ClientId::new("web")));
    let consent_challenge = flow.record.consent_challenge.clone();
    let consent_challenge = consent_challenge.unwrap_or_else(|| "none".into());
    let outcome: Result<(), FlowError> = match operation {
        Do::ReadLogin => {
            return read(matches!(flow.login_request(client), Requested::Open(_)));
        }
        Do::ReadConsent => match flow.consent_request(client) {
            Ok(found) => return read(matches!(found, Requested::Open(_))),
            Err(error) => Err(error),
        },
        Do::AcceptLogin(user) => lab.accept(challenge, user).await.map(drop),
        Do::RejectLogin => lab.reject(challenge).await.map(drop),
        Do::BringLoginVerifier => {
            let verifier = &flow.details.login_verifier;
            return match lab.flows.return_from_login(verifier).await {
                Ok(_) => "ok".into(),
                Err(error) => told(error),
            };
        }
        Do::BringConsentVerifier => {
            let verifier = &flow.details.consent_verifier;
            return match lab.flows.return_from_consent(verifier).await {
                Ok(_) => "ok".into(),
                Err(error) => told(error),
            };
        }
        Do::AcceptConsent => {
            let accept = lab
                .flows
                .accept_consent(&consent_challenge, consent("openid"), NOW);
            accept.await.map(drop)
        }
        Do::RejectConsent => {
            let reject = lab
                .flows
                .reject_consent(&consent_challenge, rejection(), NOW);
            reject.await.map(drop)
        }
    };
    match outcome {
        Ok(()) => format!("-> {}", lab.flow(challenge).await.record.state.code()),
        Err(error) => told(error),
    }
}

async fn check(operation: Do, skip: Option<&str>, row: &str) {
    let expected: Vec<&str> = row.split('|').map(str::trim).collect();
    assert_eq!(expected.len(), STATES.len(), "{row}");
    for (state, expected) in STATES.into_iter().zip(expected) {
        let lab = Lab::new().await;
        let challenge = bring(&lab, state, skip).await;
        let before: Flow = lab.flow(&challenge).await;
        let outcome = act(&lab, &challenge, operation).await;
        let outcome = match outcome.as_str() {
            "400 invalid_request" => "400",
            "404 Not Found" => "404",
            "409 Conflict" => "409",
            "403 access_denied" => "403",
            other => other,
        };
        assert_eq!(
            outcome, expected,
            "{operation:?} in state {state}, skip: {skip:?}"
        );
        if !expected.starts_with("->") {
            assert!(
                lab.flow(&challenge).await == before,
                "{operation:?} changed state {state}"
            );
        }
    }
}

#[tokio::test]
async fn each_operation_does_in_each_state_what_the_table_says() {
    use Do as D;
    for (operation, row) in [
        //                             1        2       128     3     4        5        129      6
        (
            D::ReadLogin,
            "             200   |  200   |  200   | 410 | 410    | 410    | 410    | 410",
        ),
        (
            D::AcceptLogin("alice"),
            "  -> 2  |  -> 2  |  -> 2  | 409 | 409    | 409    | 409    | 409",
        ),
        (
            D::AcceptLogin("bob"),
            "    -> 2  |  400   |  -> 2  | 400 | 400    | 400    | 400    | 400",
        ),
        (
            D::RejectLogin,
            "          -> 128 | -> 128 | -> 128 | 409 | 409    | 409    | 409    | 409",
        ),
        (
            D::BringLoginVerifier,
            "    400   |  ok    |  ok    | 400 | 400    | 400    | 400    | 400",
        ),
        (
            D::ReadConsent,
            "           404   |  404   |  404   | 404 | 200    | 200    | 200    | 410",
        ),
        (
            D::AcceptConsent,
            "         404   |  404   |  404   | 404 | -> 5   | -> 5   | -> 5   | 409",
        ),
        (
            D::RejectConsent,
            "         404   |  404   |  404   | 404 | -> 129 | -> 129 | -> 129 | 409",
        ),
        (
            D::BringConsentVerifier,
            "  403   |  403   |  403   | 403 | 400    | ok     | ok     | 400",
        ),
    ] {
        check(operation, None, row).await;
    }
}

/// Of a session's user no rejection makes another one. Hydra lets the app name anybody then.
#[tokio::test]
async fn a_skipped_login_is_only_ever_its_own_users() {
    let skip = Some("alice");
    let row = "-> 2 | -> 2 | -> 2 | 409 | 409 | 409 | 409 | 409";
    check(Do::AcceptLogin("alice"), skip, row).await;
    let row = "400 | 400 | 400 | 400 | 400 | 400 | 400 | 400";
    check(Do::AcceptLogin("bob"), skip, row).await;
}

#[tokio::test]
async fn what_nobody_began_is_not_found() {
    let lab = Lab::new().await;
    let (login, consent_challenge) = ("none".into(), "none".into());
    for outcome in [
        lab.accept(&login, "alice").await,
        lab.reject(&login).await,
        lab.flows
            .accept_consent(&consent_challenge, consent("openid"), NOW)
            .await,
        lab.flows
            .reject_consent(&consent_challenge, rejection(), NOW)
            .await,
    ] {
        assert_eq!(outcome.map_err(told), Err("404 Not Found".to_owned()));
    }
    let returned = lab.flows.return_from_login("none").await;
    assert!(matches!(returned, Err(FlowError::UnknownLoginVerifier)));
    let returned = lab.flows.return_from_consent("none").await;
    assert!(matches!(returned, Err(FlowError::UnknownConsentVerifier)));
}

/// One budget covers login and consent; the full last second still counts.
#[tokio::test]
async fn flows_run_out_and_say_in_which_step() {
    let lab = Lab::new().await;
    let web = ClientId::new("web");
    for (later, expected) in [(1_800, "ok"), (1_801, "401 request_unauthorized")] {
        let now = NOW.plus_secs(later);
        let challenge = bring(&lab, 2, None).await;
        let verifier = lab.flow(&challenge).await.details.login_verifier;
        let returned = lab
            .flows
            .return_from_login(&verifier)
            .await
            .expect("accepted");
        let checked = returned
            .check(&web, 1_800, now)
            .map_or_else(told, |()| "ok".into());
        assert_eq!(checked, expected, "login, {later}");

        // Of a rejected login the rejection is told first, of a rejected consent the time.
        let challenge = bring(&lab, 128, None).await;
        let verifier = lab.flow(&challenge).await.details.login_verifier;
        let returned = lab
            .flows
            .return_from_login(&verifier)
            .await
            .expect("rejected");
        assert!(matches!(
            returned.check(&web, 1_800, now),
            Err(FlowError::Rejected(_))
        ));

        let challenge = bring(&lab, 129, None).await;
        let checked =
            consent_flow::Flows::check_consent(&lab.flow(&challenge).await, &web, 1_800, now);
        match (expected, checked) {
            ("ok", Err(FlowError::Rejected(_))) | (_, Err(FlowError::ConsentExpired)) => {}
            (_, other) => panic!("{other:?}"),
        }
    }
}
