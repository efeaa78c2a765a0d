//! The states of a logout request (authorization document 12.4).

use consent_flow::{FlowError, NewLogout};
use oauth_types::LogoutChallenge;

use crate::{Lab, NOW, told};

async fn start(lab: &Lab) -> LogoutChallenge {
    let new = NewLogout {
        client_id: None,
        subject: "alice".into(),
        session_id: "a-session".into(),
        request_url: "/oauth2/sessions/logout?".into(),
        target: "https://app.example/bye".into(),
        keep_until: NOW.plus_secs(86_400),
    };
    lab.flows
        .start_logout(new, NOW)
        .await
        .expect("a new request")
}

async fn act(lab: &Lab, challenge: &LogoutChallenge, verifier: &str, step: &str) -> String {
    let flows = &lab.flows;
    match step {
        "read" => flows.find_logout(challenge).await.map_or_else(told, |l| {
            if l.record.used { "410" } else { "200" }.to_owned()
        }),
        "accept" => flows
            .accept_logout(challenge)
            .await
            .map_or_else(told, |_| "200".into()),
        "reject" => flows
            .reject_logout(challenge)
            .await
            .map_or_else(told, |()| "204".into()),
        _ => flows
            .take_logout(verifier)
            .await
            .map_or_else(told, |(_, first)| {
                if first { "first" } else { "again" }.to_owned()
            }),
    }
}

async fn check(before: &str, step: &str, expected: &str) {
    let lab = Lab::new().await;
    let challenge = start(&lab).await;
    let verifier = lab
        .flows
        .find_logout(&challenge)
        .await
        .expect("there")
        .verifier()
        .to_owned();
    for step in before.split_whitespace() {
        act(&lab, &challenge, &verifier, step).await;
    }
    assert_eq!(
        act(&lab, &challenge, &verifier, step).await,
        expected,
        "{before}, then {step}"
    );
}

#[tokio::test]
async fn logout_requests_go_through_their_states() {
    for (before, step, expected) in [
        ("", "read", "200"),
        ("", "accept", "200"),
        ("", "reject", "204"),
        ("", "take", "404 Not Found"),
        ("accept", "read", "200"),
        ("accept", "accept", "200"),
        ("accept", "reject", "204"),
        ("accept", "take", "first"),
        ("reject", "read", "404 Unable to locate the resource"),
        ("reject", "accept", "200"),
        ("reject", "reject", "204"),
        ("reject", "take", "404 Not Found"),
        ("reject accept", "take", "first"),
        ("accept take", "read", "410"),
        ("accept take", "accept", "200"),
        ("accept take", "reject", "204"),
        ("accept take", "take", "again"),
        (
            "accept take reject",
            "read",
            "404 Unable to locate the resource",
        ),
        ("accept take reject", "take", "404 Not Found"),
        // Accepting once more does not give the verifier back.
        ("accept take accept", "take", "again"),
    ] {
        check(before, step, expected).await;
    }
}

#[tokio::test]
async fn unknown_requests_are_worded_in_two_ways() {
    let lab = Lab::new().await;
    let unknown = LogoutChallenge::new("none");
    for (step, expected) in [
        ("read", "404 Unable to locate the resource"),
        ("accept", "404 Unable to locate the resource"),
        ("reject", "404 Not Found"),
        ("take", "404 Not Found"),
    ] {
        assert_eq!(act(&lab, &unknown, "none", step).await, expected, "{step}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_visits_carries_the_logout_out() {
    let lab = Lab::new().await;
    let challenge = start(&lab).await;
    let logout = lab.flows.accept_logout(&challenge).await.expect("there");
    let mut visits = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (flows, verifier) = (lab.flows.clone(), logout.verifier().to_owned());
        visits.spawn(async move { flows.take_logout(&verifier).await });
    }
    let taken = visits.join_all().await;
    let first = taken.iter().filter(|t| matches!(t, Ok((_, true)))).count();
    let refused = taken
        .iter()
        .filter(|t| matches!(t, Err(FlowError::LogoutVerifier)))
        .count();
    assert_eq!((first, refused), (1, 0));
}
