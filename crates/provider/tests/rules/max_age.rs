//! `max_age` (OpenID Connect Core §3.1.2.1): how old a login may be.

use provider::Requested;
use test_support::{World, param_of};

use crate::{assert_told, consent, query, remembered_login, sent, told, walk};

const TOO_OLD: &str = "Request failed because prompt is set to 'none' and authentication time \
                       reached 'max_age'.";

/// A browser whose user logged in 100 seconds ago asks again.
async fn check(max_age: &str, prompt: &str, expected: &str) {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    walk(
        &mut robot,
        &query(&client, &[]),
        remembered_login("alice"),
        consent("openid"),
    )
    .await;
    world.clock.advance(100);
    let changes = [("max_age", max_age), ("prompt", prompt)];
    let go = robot.visit(&query(&client, &changes)).await;
    if sent(&go).0 != "login" {
        let hint = if told(&go) == "query login_required" {
            TOO_OLD
        } else {
            ""
        };
        assert_told(&go, expected, hint, max_age);
        return;
    }
    let challenge = param_of(&go, "login_challenge");
    match world.provider.login_request(&challenge).await {
        Ok(Requested::Open(request)) if request.skip => assert_eq!("skip", expected, "{max_age}"),
        Ok(Requested::Open(_)) => assert_eq!("ask", expected, "{max_age}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_login_counts_until_it_is_older_than_max_age() {
    for (max_age, prompt, expected) in [
        ("99", "", "ask"),
        ("100", "", "skip"),
        ("101", "", "skip"),
        ("0", "", "ask"),
        ("-0", "", "ask"),
        ("-1", "", "skip"),
        ("+60", "", "ask"),
        ("007", "", "ask"),
        ("+600", "", "skip"),
        ("9223372036854775807", "", "skip"),
        ("99", "none", "query login_required"),
        ("100", "none", "skip"),
        ("many", "", "query invalid_request"),
        ("1.5", "", "query invalid_request"),
        ("many", "login", "ask"),
    ] {
        check(max_age, prompt, expected).await;
    }
}

#[tokio::test]
async fn without_a_session_nobody_looks_at_max_age() {
    let world = World::new();
    let client = world.client("openid").await;
    for max_age in ["many", "0", "-1"] {
        let asked = query(&client, &[("max_age", max_age)]);
        let go = walk(
            &mut world.robot(),
            &asked,
            remembered_login("alice"),
            consent("openid"),
        )
        .await;
        assert_eq!(told(&go), "query", "{max_age}");
    }
}

/// The reference is the beginning of the flow, so a user who thinks long is not thrown out.
#[tokio::test]
async fn a_slow_consent_does_not_break_max_age() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[("max_age", "10")])).await;
    let back = robot.log_in(&go, "alice", true).await;
    let go = robot.visit(&back).await;
    world.clock.advance(500);
    let back = robot.consent(&go, "openid").await;
    let code = param_of(&robot.visit(&back).await, "code");
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("in time");
    assert!(tokens.id_token.is_some());
}
