//! The checks of a first visit come in one order: each case breaks its own rule and all later ones
//! that can be broken along with it.

use test_support::World;

use crate::{assert_told, query};

/// Breaks every rule, from the last one on up to `upto` of them.
const BROKEN: [(&str, &str); 7] = [
    ("state", "short"),
    ("response_type", "token"),
    ("registration", "{}"),
    ("audience", "https://unknown.example"),
    ("scope", "openid unknown"),
    ("redirect_uri", "https://thief.example/"),
    ("response_mode", "pigeon"),
];

async fn check(broken: usize, expected: &str, hint: &str) {
    let world = World::new();
    let client = world.client("openid").await;
    let go = world
        .robot()
        .visit(&query(&client, &BROKEN[..broken]))
        .await;
    assert_told(&go, expected, hint, &format!("{:?}", &BROKEN[..broken]));
}

#[tokio::test]
async fn the_first_broken_rule_is_reported_where_it_belongs() {
    for (broken, expected, hint) in [
        (0, "login", ""),
        (
            1,
            "query invalid_state",
            "Request parameter 'state' must be at least be 8 characters long to ensure \
             sufficient entropy.",
        ),
        (
            2,
            "query unsupported_response_type",
            "The client is not allowed to request response_type 'token'.",
        ),
        (
            3,
            "query registration_not_supported",
            "The OP does not support use of the registration parameter.",
        ),
        (
            4,
            "query invalid_request",
            "Requested audience 'https://unknown.example' has not been whitelisted by the OAuth \
             2.0 Client.",
        ),
        (
            5,
            "query invalid_scope",
            "The OAuth 2.0 Client is not allowed to request scope 'unknown'.",
        ),
        (
            6,
            "page invalid_request",
            "The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's \
             pre-registered redirect urls.",
        ),
        (
            7,
            "page unsupported_response_mode",
            "Request with unsupported response_mode 'pigeon'.",
        ),
    ] {
        check(broken, expected, hint).await;
    }
}

#[tokio::test]
async fn an_unknown_client_is_reported_before_anything_else() {
    let world = World::new();
    let mut client = world.client("openid").await;
    client.id = "nobody".into();
    let go = world.robot().visit(&query(&client, &BROKEN)).await;
    let hint = "The requested OAuth 2.0 Client does not exist.";
    assert_told(&go, "page invalid_client", hint, "unknown client");
}

#[tokio::test]
async fn a_missing_response_type_is_told_with_its_back_tick() {
    let world = World::new();
    let client = world.client("openid").await;
    let go = world
        .robot()
        .visit(&query(&client, &[("response_type", "")]))
        .await;
    let hint = " `The request is missing the 'response_type' parameter.";
    assert_told(
        &go,
        "query unsupported_response_type",
        hint,
        "no response_type",
    );
}

#[tokio::test]
async fn the_state_goes_back_with_every_error_even_if_empty() {
    let world = World::new();
    let client = world.client("openid").await;
    for (state, scope) in [
        ("state-0123456789", "unknown"),
        ("", "openid"),
        ("short", "openid"),
    ] {
        let changes = [("state", state), ("scope", scope)];
        let go = world.robot().visit(&query(&client, &changes)).await;
        let (place, params) = crate::sent(&go);
        assert_eq!((place, params.first("state")), ("query", Some(state)));
    }
}

/// Until the response type is known to be good nobody knows that the fragment would be right.
#[tokio::test]
async fn early_errors_of_implicit_requests_stay_in_the_query_unless_a_mode_was_asked_for() {
    let world = World::new();
    let client = world.client_with("openid", crate::any_response_type).await;
    for (mode, scope, state, expected) in [
        ("", "unknown", "state-0123456789", "query invalid_scope"),
        (
            "fragment",
            "unknown",
            "state-0123456789",
            "fragment invalid_scope",
        ),
        (
            "form_post",
            "unknown",
            "state-0123456789",
            "form invalid_scope",
        ),
        ("", "openid", "short", "fragment invalid_state"),
        ("query", "openid", "short", "query invalid_state"),
    ] {
        let changes = [
            ("response_type", "token"),
            ("response_mode", mode),
            ("scope", scope),
            ("state", state),
        ];
        let go = world.robot().visit(&query(&client, &changes)).await;
        assert_eq!(crate::told(&go), expected, "{changes:?}");
    }
}

#[tokio::test]
async fn an_omitted_redirect_uri_is_the_only_registered_one() {
    let world = World::new();
    let one = world.client("openid").await;
    let two = world
        .client_with("openid", |c| {
            c.redirect_uris.push("https://app.example/other".into());
        })
        .await;
    for (client, expected) in [(&one, "login"), (&two, "page invalid_request")] {
        let go = world
            .robot()
            .visit(&query(client, &[("redirect_uri", "")]))
            .await;
        assert_eq!(crate::told(&go), expected);
    }
}
