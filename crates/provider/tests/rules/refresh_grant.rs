//! Refreshing (RFC 6749 §6): what is refused, and what is carried over.

use test_support::{TestClient, World};

use crate::{claims, line, words};

fn form(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

async fn said(world: &World, client: &TestClient, token: &str) -> String {
    match world.token(client, &form(token)).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => line(&error),
    }
}

async fn first(world: &World, client: &TestClient) -> String {
    let tokens = world.tokens(client, "alice", "openid offline").await;
    tokens
        .refresh_token
        .expect("offline was granted")
        .expose()
        .to_owned()
}

#[tokio::test]
async fn refusals_leave_the_token_good_for_the_right_request() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let stranger = world.client("openid offline").await;
    let good = first(&world, &client).await;
    let (_, signature) = good.split_once('.').expect("two parts");
    let forged = format!("ory_rt_AAAA.{signature}");
    let headless = format!("ory_rt_.{signature}");
    let renamed = good.replace("ory_rt_", "ory_at_");
    for (caller, token, expected, hint) in [
        (
            &client,
            "",
            "400 invalid_grant ",
            "issued to another client.",
        ),
        (
            &client,
            "nonsense",
            "400 invalid_grant ",
            "issued to another client.",
        ),
        (
            &client,
            "ory_rt_a.b",
            "400 invalid_grant ",
            "issued to another client.",
        ),
        (
            &client,
            forged.as_str(),
            "400 invalid_request ",
            "whitelisted the redirect_uri you specified.",
        ),
        (&client, headless.as_str(), "400 invalid_request ", ""),
        (&client, renamed.as_str(), "400 invalid_request ", ""),
        (
            &stranger,
            good.as_str(),
            "400 invalid_grant ",
            "The OAuth 2.0 Client ID from this request does not match the ID during the initial \
             token issuance.",
        ),
    ] {
        let said = said(&world, caller, token).await;
        assert!(
            said.starts_with(expected) && said.ends_with(hint),
            "{token}: {said}"
        );
    }
    assert_eq!(said(&world, &client, &good).await, "ok");
}

#[tokio::test]
async fn the_client_has_to_be_allowed_still() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let good = first(&world, &client).await;
    world
        .change_client(&client, |c| c.scope = "openid".into())
        .await;
    let answer = said(&world, &client, &good).await;
    assert!(answer.starts_with("400 invalid_scope "), "{answer}");
    assert!(
        answer.ends_with("is not allowed to request scope 'offline'."),
        "{answer}"
    );

    world
        .change_client(&client, |c| c.grant_types = words("authorization_code"))
        .await;
    let answer = said(&world, &client, &good).await;
    assert!(answer.starts_with("400 unauthorized_client "), "{answer}");
    assert!(
        answer.ends_with("authorization grant 'refresh_token'."),
        "{answer}"
    );

    world
        .change_client(&client, |c| {
            c.scope = "openid offline".into();
            c.grant_types = words("authorization_code refresh_token");
        })
        .await;
    assert_eq!(said(&world, &client, &good).await, "ok");
}

#[tokio::test]
async fn audiences_have_to_be_registered_still() {
    let world = World::new();
    let audience = "https://api.example/";
    let client = world
        .client_with("openid offline", |c| c.audience = vec![audience.into()])
        .await;
    let asked = crate::query(&client, &[("audience", audience)]);
    let agreed = provider::AcceptConsent {
        grant_audience: vec![audience.into()],
        ..crate::consent("offline")
    };
    let go = crate::walk(&mut world.robot(), &asked, crate::login("alice"), agreed).await;
    let code = test_support::param_of(&go, "code");
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("a fresh code");
    let refresh = tokens.refresh_token.expect("offline was granted");
    world.change_client(&client, |c| c.audience.clear()).await;
    let answer = said(&world, &client, refresh.expose()).await;
    assert!(answer.starts_with("400 invalid_request "), "{answer}");
    let hint = "Requested audience 'https://api.example/' has not been whitelisted by the OAuth \
                2.0 Client.";
    assert!(answer.ends_with(hint), "{answer}");
}

#[tokio::test]
async fn an_expired_token_is_no_grant_and_a_spent_one_counts_as_stolen_even_then() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let (fresh, spent) = (first(&world, &client).await, first(&world, &client).await);
    assert_eq!(said(&world, &client, &spent).await, "ok");
    world.clock.advance(720 * 3_600 + 1);
    assert!(
        said(&world, &client, &fresh)
            .await
            .starts_with("400 invalid_grant ")
    );
    let answer = said(&world, &client, &spent).await;
    let expected = "401 token_inactive Token is inactive because it is malformed, expired or \
                    otherwise invalid. Token validation failed.";
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn each_rotation_lets_the_family_live_on() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let mut token = first(&world, &client).await;
    for _ in 0..3 {
        world.clock.advance(700 * 3_600);
        let tokens = world
            .token(&client, &form(&token))
            .await
            .expect("within 720 hours");
        token = tokens
            .refresh_token
            .expect("always rotated")
            .expose()
            .to_owned();
    }
}

#[tokio::test]
async fn what_was_granted_is_granted_again_whatever_is_asked_for() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let token = first(&world, &client).await;
    let mut form = form(&token).to_vec();
    form.extend([
        ("scope", "openid unknown"),
        ("audience", "https://unknown.example"),
    ]);
    let tokens = world
        .token(&client, &form)
        .await
        .expect("neither is looked at");
    assert_eq!(tokens.scope, "openid offline");
}

#[tokio::test]
async fn refreshed_id_tokens_keep_who_and_when_and_renew_the_rest() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let changes = [("nonce", "nonce-0123456789"), ("acr_values", "gold")];
    let asked = crate::query(&client, &changes);
    let agreed = crate::consent("openid offline");
    let go = crate::walk(&mut world.robot(), &asked, crate::login("alice"), agreed).await;
    let code = test_support::param_of(&go, "code");
    let redeem = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &redeem).await.expect("a fresh code");
    let old = claims(&tokens.id_token.expect("openid was granted"));
    assert_eq!(old["acr"], "0", "asked for, none given");
    world.clock.advance(60);
    let refresh = tokens.refresh_token.expect("offline was granted");
    let tokens = world
        .token(&client, &form(refresh.expose()))
        .await
        .expect("refreshed");
    let new = claims(&tokens.id_token.expect("openid was granted"));
    for name in ["sub", "iss", "aud", "auth_time", "rat", "nonce", "sid"] {
        assert_eq!(old[name], new[name], "{name}");
        assert!(!new[name].is_null(), "{name}");
    }
    for name in ["jti", "iat", "exp", "at_hash"] {
        assert_ne!(old[name], new[name], "{name}");
    }
    assert!(new.get("acr").is_none(), "the stand-in is dropped");
}

/// The secret was changed at another replica; this one still remembers the old one.
#[tokio::test]
async fn a_secret_that_was_replaced_elsewhere_refreshes_nothing() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let token = first(&world, &client).await;
    world
        .change_client(&client, |c| c.secret = world.hash("another-secret"))
        .await;
    let answer = said(&world, &client, &token).await;
    assert!(answer.starts_with("401 invalid_client "), "{answer}");
    let renewed = TestClient {
        secret: "another-secret".into(),
        ..client.clone()
    };
    assert_eq!(said(&world, &renewed, &token).await, "ok");
}
