//! What each response type gets, and what it takes (OAuth 2.0 Multiple Response Type Encoding
//! Practices §3-5, OpenID Connect Core §3.2 and §3.3).

use client_registry::Client;
use provider::Go;
use test_support::World;

use crate::{
    any_response_type, assert_told, claims, consent, login, query, sent, told, walk, words,
};

const NONCE: (&str, &str) = ("nonce", "nonce-0123456789");

async fn issue(
    world: &World,
    change: impl FnOnce(&mut Client),
    changes: &[(&str, &str)],
    granted: &str,
) -> Go {
    let client = world
        .client_with("openid offline read", |c| {
            any_response_type(c);
            change(c);
        })
        .await;
    let asked = query(&client, changes);
    walk(&mut world.robot(), &asked, login("alice"), consent(granted)).await
}

async fn check(response_type: &str, granted: &str, expected: &str) {
    let world = World::new();
    let changes = [("response_type", response_type), NONCE];
    let go = issue(&world, |_| {}, &changes, granted).await;
    let (place, params) = sent(&go);
    let mut names: Vec<&str> = params.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if let Some(error) = params.first("error") {
        names = vec![error];
    }
    assert_eq!(
        format!("{place} {}", names.join(" ")),
        expected,
        "{response_type} {granted:?}"
    );
}

#[tokio::test]
async fn each_response_type_gets_its_parameters() {
    for (response_type, granted, expected) in [
        ("code", "openid", "query code scope state"),
        ("code", "", "query code scope state"),
        (
            "token",
            "openid",
            "fragment access_token expires_in scope state token_type",
        ),
        (
            "token",
            "",
            "fragment access_token expires_in scope state token_type",
        ),
        ("id_token", "openid", "fragment id_token state"),
        ("id_token", "read", "fragment unsupported_response_type"),
        (
            "id_token token",
            "openid",
            "fragment access_token expires_in id_token scope state token_type",
        ),
        (
            "id_token token",
            "read",
            "fragment unsupported_response_type",
        ),
        ("code id_token", "openid", "fragment code id_token state"),
        ("id_token code", "openid", "fragment code id_token state"),
        ("code id_token", "read", "fragment code state"),
        (
            "code token",
            "openid",
            "fragment access_token code expires_in scope state token_type",
        ),
        (
            "code id_token token",
            "openid",
            "fragment access_token code expires_in id_token scope state token_type",
        ),
        (
            "code id_token token",
            "read",
            "fragment access_token code expires_in scope state token_type",
        ),
        ("Code Id_Token", "openid", "fragment code id_token state"),
        ("Token", "openid", "fragment unsupported_response_type"),
        ("ID_TOKEN", "openid", "fragment unsupported_response_type"),
    ] {
        check(response_type, granted, expected).await;
    }
}

#[tokio::test]
async fn response_types_demand_grant_types() {
    let implicit = "The OAuth 2.0 Client is not allowed to use the authorization grant 'implicit'.";
    let code = "The OAuth 2.0 Client is not allowed to use authorization grant \
                'authorization_code'.";
    for (response_type, grants, expected, hint) in [
        ("code", "refresh_token", "query", ""),
        (
            "token",
            "authorization_code",
            "fragment invalid_grant",
            implicit,
        ),
        (
            "id_token",
            "authorization_code",
            "fragment invalid_grant",
            implicit,
        ),
        (
            "id_token token",
            "authorization_code",
            "fragment invalid_grant",
            implicit,
        ),
        ("token", "IMPLICIT", "fragment", ""),
        ("code id_token", "authorization_code", "fragment", ""),
        ("code id_token", "implicit", "fragment invalid_grant", code),
        (
            "code token",
            "authorization_code",
            "fragment invalid_grant",
            implicit,
        ),
        ("code token", "implicit", "fragment invalid_grant", code),
        (
            "code id_token token",
            "authorization_code implicit",
            "fragment",
            "",
        ),
    ] {
        let changes = [("response_type", response_type), NONCE];
        let world = World::new();
        let go = issue(
            &world,
            |c| c.grant_types = words(grants),
            &changes,
            "openid",
        )
        .await;
        assert_told(&go, expected, hint, &format!("{response_type} {grants}"));
    }
}

#[tokio::test]
async fn nonces_are_demanded_where_id_tokens_travel_through_the_browser() {
    let implicit = "Parameter 'nonce' must be set when using the OpenID Connect Implicit Flow.";
    let hybrid = "Parameter 'nonce' must be set when requesting an ID Token using the OpenID \
                  Connect Hybrid Flow.";
    let short = "Parameter 'nonce' is set but does not satisfy the minimum entropy of 8 \
                 characters.";
    for (response_type, nonce, expected, hint) in [
        ("id_token", "", "fragment invalid_request", implicit),
        ("id_token token", "", "fragment invalid_request", implicit),
        ("code id_token", "", "fragment invalid_request", hybrid),
        (
            "code id_token token",
            "",
            "fragment invalid_request",
            hybrid,
        ),
        (
            "id_token",
            "1234567",
            "fragment insufficient_entropy",
            short,
        ),
        (
            "code id_token",
            "1234567",
            "fragment insufficient_entropy",
            short,
        ),
        (
            "code token",
            "1234567",
            "fragment insufficient_entropy",
            short,
        ),
        ("code token", "", "fragment", ""),
        ("id_token", "12345678", "fragment", ""),
        ("code", "1234567", "query", ""),
        ("token", "1234567", "fragment", ""),
    ] {
        let changes = [("response_type", response_type), ("nonce", nonce)];
        let go = issue(&World::new(), |_| {}, &changes, "openid").await;
        assert_told(&go, expected, hint, &format!("{response_type} {nonce}"));
    }
}

/// Of a request that breaks several rules the first check of its row of the table speaks.
#[tokio::test]
async fn checks_of_the_issuing_step_have_an_order() {
    for (response_type, granted, expected) in [
        // Without `openid` nobody feels responsible, whatever else is wrong.
        ("id_token", "read", "fragment unsupported_response_type"),
        // The grant type comes before the nonce in implicit flows, behind it in hybrid ones.
        ("id_token", "openid", "fragment invalid_grant"),
        ("code id_token", "openid", "fragment invalid_request"),
    ] {
        let changes = [("response_type", response_type)];
        let go = issue(
            &World::new(),
            |c| c.grant_types = words("none"),
            &changes,
            granted,
        )
        .await;
        assert_eq!(told(&go), expected, "{response_type}");
    }
}

#[tokio::test]
async fn response_modes_move_answers_and_query_is_for_codes_alone() {
    let insecure = "Insecure response_mode 'query' for the response_type '[id_token token]'.";
    for (response_type, mode, expected, hint) in [
        ("code", "", "query", ""),
        ("code", "query", "query", ""),
        ("code", "fragment", "fragment", ""),
        ("code", "form_post", "form", ""),
        ("token", "", "fragment", ""),
        ("token", "form_post", "form", ""),
        (
            "id_token token",
            "query",
            "query unsupported_response_mode",
            insecure,
        ),
        ("token", "query", "query unsupported_response_mode", ""),
        (
            "code id_token",
            "query",
            "query unsupported_response_mode",
            "",
        ),
    ] {
        let changes = [
            ("response_type", response_type),
            ("response_mode", mode),
            NONCE,
        ];
        let go = issue(&World::new(), |_| {}, &changes, "openid").await;
        assert_told(&go, expected, hint, &format!("{response_type} {mode}"));
    }
}

#[tokio::test]
async fn codes_go_over_plain_http_only_to_this_machine() {
    let hint = "Redirect URL is using an insecure protocol, http is only allowed for hosts with \
                suffix 'localhost', for example: http://myapp.localhost/.";
    for (uri, dev, expected) in [
        ("http://app.example/cb", false, "query invalid_request"),
        ("http://app.example/cb", true, "query"),
        ("http://localhost/cb", false, "query"),
        ("http://myapp.localhost/cb", false, "query"),
        ("http://127.0.0.1/cb", false, "query"),
        ("http://[::1]/cb", false, "query"),
        ("http://notlocalhost/cb", false, "query invalid_request"),
        ("app://callback", false, "query"),
    ] {
        let world = World::with(|policy| policy.tokens.dev = dev);
        let only = |c: &mut Client| c.redirect_uris = vec![uri.into()];
        let go = issue(&world, only, &[("redirect_uri", uri)], "openid").await;
        let hint = if expected == "query" { "" } else { hint };
        assert_told(&go, expected, hint, uri);
    }
}

#[tokio::test]
async fn hashes_tie_id_tokens_to_what_comes_with_them() {
    for response_type in [
        "id_token",
        "id_token token",
        "code id_token",
        "code id_token token",
    ] {
        let changes = [("response_type", response_type), NONCE];
        let go = issue(&World::new(), |_| {}, &changes, "openid").await;
        let (_, params) = sent(&go);
        let claims = claims(params.text("id_token"));
        for (parameter, hash) in [("access_token", "at_hash"), ("code", "c_hash")] {
            let expected = params.first(parameter).map(crypto::left_half_hash);
            assert_eq!(
                claims[hash].as_str(),
                expected.as_deref(),
                "{response_type} {hash}"
            );
        }
        assert_eq!(claims["nonce"], NONCE.1);
    }
}

#[tokio::test]
async fn the_token_bought_with_a_hybrid_code_ends_with_the_one_that_came_along() {
    for (response_type, expires_in) in [("code id_token token", 3_000), ("code id_token", 3_600)] {
        let world = World::new();
        let client = world.client_with("openid", any_response_type).await;
        let changes = [("response_type", response_type), NONCE];
        let asked = query(&client, &changes);
        let go = walk(
            &mut world.robot(),
            &asked,
            login("alice"),
            consent("openid"),
        )
        .await;
        let (_, params) = sent(&go);
        let code = params.text("code");
        world.clock.advance(600);
        let form = crate::code_grant::form(code, &client.redirect_uri);
        let tokens = world.token(&client, &form).await.expect("a fresh code");
        assert_eq!(tokens.expires_in, expires_in, "{response_type}");
        let id_token = claims(&tokens.id_token.expect("openid was granted"));
        assert_eq!(id_token["c_hash"], crypto::left_half_hash(code));
    }
}
