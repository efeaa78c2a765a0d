//! Ending a login session in the browser (OpenID Connect RP-Initiated Logout): the states of a
//! request (authorization document 12.4), and what is demanded of a hint.

use provider::Requested;
use serde_json::{Value, json};
use test_support::{Robot, TestClient, World, param_of};

use crate::{assert_told, claims, consent, query, remembered_login, sent, told, walk};

const NOW: i64 = 1_670_494_272;

/// A browser whose user is logged in, and the ID token that the client got.
async fn logged_in(world: &World, client: &TestClient) -> (Robot, String) {
    let mut robot = world.robot();
    let go = walk(
        &mut robot,
        &query(client, &[]),
        remembered_login("alice"),
        consent("openid"),
    )
    .await;
    let code = param_of(&go, "code");
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(client, &form).await.expect("a fresh code");
    (robot, tokens.id_token.expect("openid was granted"))
}

/// How an admin call or a visit went: `200`, `404`, `410`, `204`, or where the browser was sent.
async fn act(
    world: &World,
    robot: &mut Robot,
    challenge: &str,
    verifier: &str,
    step: &str,
) -> String {
    let provider = &world.provider;
    let status = |error: oauth_types::OAuthError| error.status().to_string();
    match step {
        "get" => match provider.logout_request(challenge).await {
            Ok(Requested::Open(_)) => "200".into(),
            Ok(Requested::Gone { .. }) => "410".into(),
            Err(error) => status(error),
        },
        "accept" => provider
            .accept_logout(challenge)
            .await
            .map_or_else(status, |_| "200".into()),
        "reject" => provider
            .reject_logout(challenge)
            .await
            .map_or_else(status, |()| "204".into()),
        _ => told(&robot.log_out(&format!("logout_verifier={verifier}")).await),
    }
}

async fn check(before: &[&str], step: &str, expected: &str) {
    let world = World::new();
    let client = world.client("openid").await;
    let (mut robot, _) = logged_in(&world, &client).await;
    let challenge = param_of(&robot.log_out("").await, "logout_challenge");
    // The verifier is known only from an acceptance; a rejection in between changes nothing of it.
    let accepted = world
        .provider
        .accept_logout(&challenge)
        .await
        .expect("there");
    let verifier = accepted
        .split_once("logout_verifier=")
        .expect("a verifier")
        .1
        .to_owned();
    if before.first() != Some(&"accept") {
        world
            .provider
            .reject_logout(&challenge)
            .await
            .expect("there");
    }
    for step in before {
        act(&world, &mut robot, &challenge, &verifier, step).await;
    }
    let outcome = act(&world, &mut robot, &challenge, &verifier, step).await;
    assert_eq!(outcome, expected, "{before:?} {step}");
}

#[tokio::test]
async fn a_logout_request_goes_through_its_states() {
    let accepted: &[&str] = &["accept"];
    let rejected: &[&str] = &["reject"];
    let flipped: &[&str] = &["reject", "accept"];
    let used: &[&str] = &["accept", "visit"];
    let hidden: &[&str] = &["accept", "visit", "reject"];
    for (before, step, expected) in [
        (accepted, "get", "200"),
        (accepted, "accept", "200"),
        (accepted, "reject", "204"),
        (accepted, "visit", "target"),
        (rejected, "get", "404"),
        (rejected, "accept", "200"),
        (rejected, "reject", "204"),
        (rejected, "visit", "page Not Found"),
        (flipped, "get", "200"),
        (flipped, "visit", "target"),
        (used, "get", "410"),
        (used, "accept", "200"),
        (used, "reject", "204"),
        // A second click leads to the target and logs nobody out.
        (used, "visit", "target"),
        (hidden, "get", "404"),
        (hidden, "visit", "page Not Found"),
    ] {
        check(before, step, expected).await;
    }
}

#[tokio::test]
async fn a_fresh_request_can_be_read_decided_and_not_yet_used() {
    let world = World::new();
    let client = world.client("openid").await;
    let (mut robot, _) = logged_in(&world, &client).await;
    let challenge = param_of(&robot.log_out("").await, "logout_challenge");
    match world.provider.logout_request(&challenge).await {
        Ok(Requested::Open(request)) => {
            assert_eq!(request.subject, "alice");
            assert_eq!(request.request_url, "/oauth2/sessions/logout?");
            assert!(!request.rp_initiated && request.client.is_none());
        }
        other => panic!("{other:?}"),
    }
    for step in ["get", "accept", "reject"] {
        let outcome = act(&world, &mut robot, "unknown", "", step).await;
        assert_eq!(outcome, "404", "{step}");
    }
    let outcome = act(&world, &mut robot, "", "unknown", "visit").await;
    assert_eq!(outcome, "page Not Found");
}

#[tokio::test]
async fn a_completed_logout_ends_the_session_and_a_repeated_visit_nothing_more() {
    let world = World::new();
    let client = world.client("openid").await;
    let (mut robot, _) = logged_in(&world, &client).await;
    let challenge = param_of(&robot.log_out("").await, "logout_challenge");
    let back = world
        .provider
        .accept_logout(&challenge)
        .await
        .expect("accepted");
    let back = back.split_once('?').expect("a query").1;
    assert_eq!(told(&robot.log_out(back).await), "target");
    assert_eq!(robot.cookies.get("ory_hydra_session"), None);
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(told(&go), "query login_required");

    walk(
        &mut robot,
        &query(&client, &[]),
        remembered_login("alice"),
        consent("openid"),
    )
    .await;
    assert_eq!(told(&robot.log_out(back).await), "target");
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(told(&go), "login", "the new session lives on");
}

/// Without a hint the browser itself has to hold a session of the same user when it comes back.
#[tokio::test]
async fn another_browser_cannot_complete_a_logout() {
    let world = World::new();
    let client = world.client("openid").await;
    let (mut robot, _) = logged_in(&world, &client).await;
    let challenge = param_of(&robot.log_out("").await, "logout_challenge");
    let back = world
        .provider
        .accept_logout(&challenge)
        .await
        .expect("accepted");
    let back = back.split_once('?').expect("a query").1;
    assert_eq!(told(&world.robot().log_out(back).await), "target");
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(told(&go), "login", "nobody was logged out");
}

#[tokio::test]
async fn without_a_hint_nothing_else_may_be_asked() {
    let world = World::new();
    for (query, parameter) in [
        ("state=abc", "state"),
        (
            "post_logout_redirect_uri=https://app.example/",
            "post_logout_redirect_uri",
        ),
        (
            "post_logout_redirect_uri=https://app.example/&state=abc",
            "state",
        ),
    ] {
        let hint = format!(
            "Logout failed because query parameter {parameter} is set but id_token_hint is missing."
        );
        let go = world.robot().log_out(query).await;
        assert_told(&go, "page invalid_request", &hint, query);
    }
    assert_eq!(
        told(&world.robot().log_out("state=&other=1").await),
        "target"
    );
}

/// A hint with some claims changed; `null` takes one away.
fn hint(world: &World, token: &str, changes: &Value) -> String {
    let mut claims = claims(token);
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    if let Some(members) = claims.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    world.sign(&claims)
}

#[tokio::test]
async fn hints_are_judged_in_one_order() {
    let world = World::new();
    let client = world
        .client_with("openid", |c| {
            c.post_logout_redirect_uris = vec!["https://app.example/bye?a=1".into()];
        })
        .await;
    let (_, token) = logged_in(&world, &client).await;
    let issuer = |found: &str| {
        format!(
            "Logout failed because issuer claim value '{found}' from query parameter id_token_hint \
             does not match with issuer value from configuration 'https://id.example/'."
        )
    };
    let missing = |name: &str| {
        format!("Logout failed because query parameter id_token_hint is missing {name} claim.")
    };
    let no_iat = format!(
        "Logout failed because iat claim value '0' from query parameter id_token_hint is before \
         now ('{NOW}')."
    );
    let no_audience = "Logout failed because none of the listed audiences is a registered OAuth \
                       2.0 Client.";
    let page = "page invalid_request";
    for (changes, expected, why) in [
        (json!({}), "logout", String::new()),
        (json!({ "exp": 1 }), "logout", String::new()),
        (
            json!({ "iat": NOW + 1, "iss": "x" }),
            page,
            "Token used before issued".into(),
        ),
        (
            json!({ "iss": "https://other.example/", "iat": 0 }),
            page,
            issuer("https://other.example/"),
        ),
        (json!({ "iss": null }), page, issuer("")),
        (json!({ "iat": null, "sid": null }), page, no_iat.clone()),
        (json!({ "iat": "yesterday" }), page, no_iat),
        (json!({ "sid": null, "sub": null }), page, missing("sid")),
        (json!({ "sid": 7 }), page, missing("sid")),
        (json!({ "sub": "", "aud": "nobody" }), page, missing("sub")),
        (json!({ "sub": "anybody" }), "logout", String::new()),
        (json!({ "aud": "nobody" }), page, no_audience.into()),
        (json!({ "aud": null }), page, no_audience.into()),
        (
            json!({ "aud": ["nobody", client.id] }),
            "logout",
            String::new(),
        ),
        (json!({ "aud": client.id }), "logout", String::new()),
        (json!({ "sid": "unknown" }), "target", String::new()),
    ] {
        // From a browser without cookies: the hint alone names the session.
        let asked = format!("id_token_hint={}", hint(&world, &token, &changes));
        let go = world.robot().log_out(&asked).await;
        assert_told(&go, expected, &why, &changes.to_string());
    }
}

#[tokio::test]
async fn a_client_may_name_only_a_registered_target() {
    let world = World::new();
    let client = world
        .client_with("openid", |c| {
            c.post_logout_redirect_uris = vec!["https://app.example/bye?a=1&state=x".into()];
        })
        .await;
    let (_, token) = logged_in(&world, &client).await;
    // A session that is not there leads straight to the target.
    let token = hint(&world, &token, &json!({ "sid": "unknown" }));
    let registered = "https%3A%2F%2Fapp.example%2Fbye%3Fa%3D1%26state%3Dx";
    for (more, expected) in [
        (String::new(), "https://login.example/bye"),
        ("&state=abc".into(), "https://login.example/bye"),
        (
            format!("&post_logout_redirect_uri={registered}"),
            "https://app.example/bye?a=1&state=x",
        ),
        (
            format!("&post_logout_redirect_uri={registered}&state=b+c"),
            "https://app.example/bye?a=1&state=b+c",
        ),
    ] {
        let go = world
            .robot()
            .log_out(&format!("id_token_hint={token}{more}"))
            .await;
        assert_eq!(go, provider::Go::Target(expected.into()), "{more}");
    }
    let asked = format!("id_token_hint={token}&post_logout_redirect_uri=https://app.example/bye");
    let go = world.robot().log_out(&asked).await;
    let why = "Logout failed because query parameter post_logout_redirect_uri is not a whitelisted \
               as a post_logout_redirect_uri for the client.";
    assert_told(&go, "page invalid_request", why, "not registered");
    assert_eq!(sent(&go).0, "page");
}
