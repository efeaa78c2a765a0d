//! `prompt` (OpenID Connect Core §3.1.2.1): who has to log in, who has to consent, and what is
//! refused.

use provider::{AcceptConsent, Requested};
use test_support::{World, param_of};

use crate::{assert_told, consent, query, remembered_login, sent, told, walk};

const NO_SESSION: &str = "Prompt 'none' was requested, but no existing login session was found.";
const NO_CONSENT: &str = "Prompt 'none' was requested, but no previous consent was found.";
const NONE_AND_MORE: &str = "Parameter 'prompt' was set to 'none', but contains other values as \
                             well which is not allowed.";

/// Who may be skipped, in the words of the table; errors as they are told.
struct Outcome {
    without_session: &'static str,
    with_session: &'static str,
    on_return: &'static str,
}

async fn check(prompt: &str, expected: &Outcome) {
    for (session, first) in [
        (false, expected.without_session),
        (true, expected.with_session),
    ] {
        let world = World::new();
        let client = world.client("openid").await;
        let mut robot = world.robot();
        if session {
            let agreed = AcceptConsent {
                remember: true,
                ..consent("openid")
            };
            let plain = query(&client, &[]);
            walk(&mut robot, &plain, remembered_login("alice"), agreed).await;
        }
        let go = robot.visit(&query(&client, &[("prompt", prompt)])).await;
        if sent(&go).0 != "login" {
            assert_eq!(told(&go), first, "{prompt}, session: {session}");
            continue;
        }
        let challenge = param_of(&go, "login_challenge");
        let Ok(Requested::Open(request)) = world.provider.login_request(&challenge).await else {
            panic!("{prompt}: the request is open");
        };
        let skip = if request.skip { "skip" } else { "ask" };
        assert_eq!(skip, first, "{prompt}, session: {session}");
        assert_eq!(request.subject, if request.skip { "alice" } else { "" });
        if !session {
            continue;
        }
        let back = robot.log_in_as(&go, remembered_login("alice")).await;
        let go = robot.visit(&back).await;
        if sent(&go).0 != "consent" {
            assert_eq!(told(&go), expected.on_return, "{prompt}");
            continue;
        }
        let challenge = param_of(&go, "consent_challenge");
        let Ok(Requested::Open(request)) = world.provider.consent_request(&challenge).await else {
            panic!("{prompt}: the request is open");
        };
        let skip = if request.skip { "skip" } else { "ask" };
        assert_eq!(skip, expected.on_return, "{prompt}");
    }
}

#[tokio::test]
async fn prompts_decide_who_is_asked() {
    for (prompt, without_session, with_session, on_return) in [
        ("", "ask", "skip", "skip"),
        ("login", "ask", "ask", "skip"),
        ("consent", "ask", "skip", "ask"),
        ("login consent", "ask", "ask", "ask"),
        ("none", "query login_required", "skip", "skip"),
        (
            "none login",
            "query login_required",
            "query login_required",
            "",
        ),
        (
            "none consent",
            "query login_required",
            "skip",
            "query invalid_request",
        ),
        ("select_account", "ask", "skip", "query invalid_request"),
        ("Login", "ask", "skip", "query invalid_request"),
    ] {
        let expected = Outcome {
            without_session,
            with_session,
            on_return,
        };
        check(prompt, &expected).await;
    }
}

#[tokio::test]
async fn refusals_say_why() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_told(&go, "query login_required", NO_SESSION, "no session");

    walk(
        &mut robot,
        &query(&client, &[]),
        remembered_login("alice"),
        consent("openid"),
    )
    .await;
    for (prompt, error, hint) in [
        ("none", "query consent_required", NO_CONSENT),
        ("none consent", "query invalid_request", NONE_AND_MORE),
        (
            "consent create select_account",
            "query invalid_request",
            "Used unknown value '[consent create select_account]' for prompt parameter",
        ),
    ] {
        let asked = query(&client, &[("prompt", prompt)]);
        let go = walk(
            &mut robot,
            &asked,
            remembered_login("alice"),
            consent("openid"),
        )
        .await;
        assert_told(&go, error, hint, prompt);
    }
}

/// A redirect URI over plain http never lets a public client skip the consent, in no mode; outside
/// development mode that has an error of its own.
#[tokio::test]
async fn a_public_client_over_plain_http_cannot_have_prompt_none() {
    let insecure = "OAuth 2.0 Client is marked public and redirect uri is not considered secure \
                    (https missing), but 'prompt=none' was requested.";
    for (redirect_uri, dev, expected, hint) in [
        (
            "http://app.example/cb",
            false,
            "query consent_required",
            insecure,
        ),
        (
            "http://app.example/cb",
            true,
            "query consent_required",
            NO_CONSENT,
        ),
        ("https://app.example/cb", false, "consent", ""),
        ("http://127.0.0.1/cb", false, "consent", ""),
        ("app:/cb", false, "query consent_required", NO_CONSENT),
    ] {
        let world = World::with(|policy| policy.tokens.dev = dev);
        let mut client = world
            .client_with("openid", |c| {
                crate::public(c);
                c.redirect_uris = vec![redirect_uri.into()];
            })
            .await;
        client.redirect_uri = redirect_uri.into();
        let mut robot = world.robot();
        let go = robot.visit(&query(&client, &[])).await;
        let back = robot.log_in(&go, "alice", true).await;
        let go = robot.visit(&back).await;
        let agreed = AcceptConsent {
            remember: true,
            ..consent("openid")
        };
        robot.consent_as(&go, agreed).await;

        let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
        let back = robot.log_in(&go, "alice", true).await;
        let go = robot.visit(&back).await;
        assert_told(&go, expected, hint, &format!("{redirect_uri} {dev}"));
    }
}

#[tokio::test]
async fn prompt_login_gives_the_browser_to_another_user() {
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
    let asked = query(&client, &[("prompt", "login")]);
    walk(
        &mut robot,
        &asked,
        remembered_login("bob"),
        consent("openid"),
    )
    .await;
    let go = robot.visit(&query(&client, &[])).await;
    let challenge = param_of(&go, "login_challenge");
    match world.provider.login_request(&challenge).await {
        Ok(Requested::Open(request)) => assert_eq!(request.subject, "bob"),
        other => panic!("{other:?}"),
    }
}

/// A refusal of the login app in the words of our own error is still the app's: the session that
/// the browser holds is not touched (authorization document 12.5).
#[tokio::test]
async fn an_app_that_says_login_required_ends_no_session() {
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
    let go = robot.visit(&query(&client, &[("prompt", "login")])).await;
    let rejection = provider::Rejection {
        error: "login_required".into(),
        ..provider::Rejection::default()
    };
    let challenge = param_of(&go, "login_challenge");
    let back = world.provider.reject_login(&challenge, Ok(rejection)).await;
    let back = back.expect("rejected");
    let go = robot.visit(back.split_once('?').expect("a query").1).await;
    assert_eq!(told(&go), "query login_required");
    assert_eq!(robot.changed, [], "the browser keeps its session");
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(told(&go), "login", "the session still speaks for alice");
}
