//! `id_token_hint` (OpenID Connect Core §3.1.2.1): whom the client believes to be there.

use provider::Requested;
use serde_json::{Value, json};
use test_support::{World, param_of};

use crate::{assert_told, consent, login, query, remembered_login, sent, told, walk};

const OTHER_USER: &str = "Request failed because subject claim from id_token_hint does not match \
                          subject from authentication session.";
const NO_SUBJECT: &str = "Failed to validate OpenID Connect request because provided id token \
                          from id_token_hint does not have a subject.";
const OTHER_LOGIN: &str = "Failed to validate OpenID Connect request because the subject from \
                           provided id token from id_token_hint does not match the current \
                           session's subject.";
const NOW: i64 = 1_670_494_272;

fn hint(world: &World, changes: Value) -> String {
    let mut claims = json!({ "iss": "https://id.example/", "sub": "alice", "iat": NOW });
    if let (Value::Object(claims), Value::Object(changes)) = (&mut claims, changes) {
        claims.extend(changes);
    }
    world.sign(&claims)
}

/// Alice is logged in; the client sends a hint.
async fn check(world: &World, token: &str, expected: &str, why: &str) {
    let client = world.client("openid").await;
    let mut robot = world.robot();
    walk(
        &mut robot,
        &query(&client, &[]),
        remembered_login("alice"),
        consent("openid"),
    )
    .await;
    let go = robot
        .visit(&query(&client, &[("id_token_hint", token)]))
        .await;
    assert_told(&go, expected, why, token);
}

#[tokio::test]
async fn a_hint_has_to_be_ours_and_about_the_user_of_the_session() {
    let world = World::new();
    for (changes, expected, why) in [
        (json!({}), "login", ""),
        (json!({ "exp": NOW - 9_999 }), "login", ""),
        (json!({ "sub": "bob" }), "query login_required", OTHER_USER),
        (json!({ "sub": null }), "query invalid_request", NO_SUBJECT),
        (json!({ "sub": "" }), "query invalid_request", NO_SUBJECT),
        (
            json!({ "iat": NOW + 60 }),
            "query invalid_request",
            "Token used before issued",
        ),
        (
            json!({ "nbf": NOW + 60 }),
            "query invalid_request",
            "Token is not valid yet",
        ),
    ] {
        check(&world, &hint(&world, changes), expected, why).await;
    }
    let good = hint(&world, json!({}));
    let unsigned = good.rsplit_once('.').expect("three parts").0.to_owned() + ".";
    for bad in ["nonsense", "a.b.c", unsigned.as_str()] {
        check(&world, bad, "query invalid_request", "").await;
    }
}

#[tokio::test]
async fn without_a_session_only_the_returning_user_is_compared() {
    let world = World::new();
    let client = world.client("openid").await;
    for (sub, expected, why) in [
        ("alice", "query", ""),
        ("bob", "query login_required", OTHER_LOGIN),
        ("", "query invalid_request", NO_SUBJECT),
    ] {
        let token = hint(&world, json!({ "sub": sub }));
        let asked = query(&client, &[("id_token_hint", &token)]);
        let go = walk(
            &mut world.robot(),
            &asked,
            login("alice"),
            consent("openid"),
        )
        .await;
        assert_told(&go, expected, why, sub);
    }
    let go = world
        .robot()
        .visit(&query(&client, &[("id_token_hint", "nonsense")]))
        .await;
    assert_eq!(told(&go), "query invalid_request");
}

#[tokio::test]
async fn login_required_wins_over_a_broken_hint() {
    let world = World::new();
    let client = world.client("openid").await;
    let changes = [("id_token_hint", "nonsense"), ("prompt", "none")];
    let go = world.robot().visit(&query(&client, &changes)).await;
    assert_eq!(told(&go), "query login_required");
}

#[tokio::test]
async fn a_login_of_somebody_else_costs_the_browser_its_session() {
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
    let token = hint(&world, json!({}));
    let changes = [("id_token_hint", token.as_str()), ("prompt", "login")];
    let asked = query(&client, &changes);
    let go = walk(
        &mut robot,
        &asked,
        remembered_login("bob"),
        consent("openid"),
    )
    .await;
    assert_told(&go, "query login_required", OTHER_LOGIN, "bob");
    assert_eq!(robot.cookies.get("ory_hydra_session"), None);
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(told(&go), "query login_required");
}

#[tokio::test]
async fn the_apps_are_shown_the_claims_of_the_hint() {
    let world = World::new();
    let client = world.client("openid").await;
    let token = hint(&world, json!({ "tenant": 7 }));
    let go = world
        .robot()
        .visit(&query(&client, &[("id_token_hint", &token)]))
        .await;
    assert_eq!(sent(&go).0, "login");
    let challenge = param_of(&go, "login_challenge");
    let Ok(Requested::Open(request)) = world.provider.login_request(&challenge).await else {
        panic!("the request is open");
    };
    let claims = request
        .oidc_context
        .id_token_hint_claims
        .expect("the hint's");
    assert_eq!(claims["tenant"], 7);
}
