//! PKCE (RFC 7636) at both endpoints; only S256 works.

use provider::Policy;
use test_support::{World, param_of};

use crate::{any_response_type, assert_told, consent, line, login, query, walk};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ALL_MUST: &str = "Clients must include a code_challenge when performing the authorize code \
                        flow, but it is missing.";
const THIS_MUST: &str = "This client must include a code_challenge when performing the authorize \
                         code flow, but it is missing.";
const NOT_PLAIN: &str = "Clients must use code_challenge_method=S256, plain is not allowed.";
const UNKNOWN: &str = "The code_challenge_method is not supported, use S256 instead.";
const NO_MATCH: &str = "The PKCE code challenge did not match the code verifier.";
const TOO_SHORT: &str = "The PKCE code verifier must be at least 43 characters.";
const GONE: &str = "Unable to find initial PKCE data tied to this request";

fn nothing(_: &mut Policy) {}

fn of_all(policy: &mut Policy) {
    policy.tokens.pkce.enforced = true;
}

fn of_public(policy: &mut Policy) {
    policy.tokens.pkce.enforced_for_public_clients = true;
}

#[tokio::test]
async fn challenges_are_checked_when_the_code_is_issued() {
    for (enforced, public, challenge, method, hint) in [
        (nothing as fn(&mut Policy), false, "", "", ""),
        (nothing, false, "", "plain", ""),
        (of_all, false, "", "", ALL_MUST),
        (of_all, true, "", "S256", ALL_MUST),
        (of_public, true, "", "", THIS_MUST),
        (of_public, false, "", "", ""),
        (of_all, false, CHALLENGE, "S256", ""),
        (nothing, false, "x", "S256", ""),
        (nothing, false, CHALLENGE, "", NOT_PLAIN),
        (nothing, false, CHALLENGE, "plain", NOT_PLAIN),
        (nothing, false, CHALLENGE, "s256", UNKNOWN),
    ] {
        for response_type in ["code", "code id_token"] {
            let world = World::with(enforced);
            let client = world
                .client_with("openid", |c| {
                    any_response_type(c);
                    if public {
                        crate::public(c);
                    }
                })
                .await;
            let changes = [
                ("response_type", response_type),
                ("nonce", "nonce-0123456789"),
                ("code_challenge", challenge),
                ("code_challenge_method", method),
            ];
            let asked = query(&client, &changes);
            let go = walk(
                &mut world.robot(),
                &asked,
                login("alice"),
                consent("openid"),
            )
            .await;
            let place = if response_type == "code" {
                "query"
            } else {
                "fragment"
            };
            let expected = match hint {
                "" => place.to_owned(),
                _ => format!("{place} invalid_request"),
            };
            assert_told(
                &go,
                &expected,
                hint,
                &format!("{challenge} {method} {public}"),
            );
        }
    }
}

/// A code with or without challenge is redeemed twice: the second attempt shows what is left.
async fn check(challenge: &str, verifier: &str, hint: &str, afterwards: &str) {
    let world = World::new();
    let client = world.client("openid").await;
    let method = if challenge.is_empty() { "" } else { "S256" };
    let changes = [
        ("code_challenge", challenge),
        ("code_challenge_method", method),
    ];
    let asked = query(&client, &changes);
    let go = walk(
        &mut world.robot(),
        &asked,
        login("alice"),
        consent("openid"),
    )
    .await;
    let code = param_of(&go, "code");
    let mut form = crate::code_grant::form(&code, &client.redirect_uri).to_vec();
    form.push(("code_verifier", verifier));
    for hint in [hint, afterwards] {
        let said = match world.token(&client, &form).await {
            Ok(_) => String::new(),
            Err(error) => line(&error),
        };
        assert_eq!(
            said.is_empty(),
            hint.is_empty(),
            "{challenge} {verifier}: {said}"
        );
        assert!(said.ends_with(hint), "{challenge} {verifier}: {said}");
        assert!(
            said.is_empty() || said.starts_with("400 invalid_grant "),
            "{said}"
        );
    }
}

#[tokio::test]
async fn one_wrong_verifier_makes_the_code_useless() {
    let used = "The authorization code has already been used.";
    let long = "a".repeat(129);
    let odd = format!("{}!", &VERIFIER[..42]);
    for (challenge, verifier, hint, afterwards) in [
        (CHALLENGE, VERIFIER, "", used),
        ("", "", "", used),
        (CHALLENGE, "", TOO_SHORT, GONE),
        (CHALLENGE, &VERIFIER[..42], TOO_SHORT, GONE),
        (
            CHALLENGE,
            long.as_str(),
            "The PKCE code verifier can not be longer than 128 characters.",
            GONE,
        ),
        (
            CHALLENGE,
            odd.as_str(),
            "The PKCE code verifier must only contain [a-Z], [0-9], '-', '.', '_', '~'.",
            GONE,
        ),
        (CHALLENGE, CHALLENGE, NO_MATCH, GONE),
        ("", VERIFIER, NO_MATCH, GONE),
    ] {
        check(challenge, verifier, hint, afterwards).await;
    }
}

#[tokio::test]
async fn the_right_verifier_comes_too_late_after_a_wrong_one() {
    let world = World::new();
    let client = world.client("openid").await;
    let changes = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let asked = query(&client, &changes);
    let go = walk(
        &mut world.robot(),
        &asked,
        login("alice"),
        consent("openid"),
    )
    .await;
    let code = param_of(&go, "code");
    let mut said = Vec::new();
    for verifier in [CHALLENGE, VERIFIER] {
        let mut form = crate::code_grant::form(&code, &client.redirect_uri).to_vec();
        form.push(("code_verifier", verifier));
        said.push(
            world
                .token(&client, &form)
                .await
                .expect_err("refused")
                .description(false),
        );
    }
    assert!(
        said[0].ends_with(NO_MATCH) && said[1].ends_with(GONE),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_rule_made_meanwhile_counts_at_the_token_endpoint() {
    let world = World::new();
    let client = world.client("openid").await;
    let code = world.robot().code(&client, "alice", "openid").await;
    world.change_policy(of_all);
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let error = world.token(&client, &form).await.expect_err("no challenge");
    assert!(line(&error).starts_with("400 invalid_request "), "{error}");
    assert!(line(&error).ends_with(ALL_MUST), "{error}");
}
