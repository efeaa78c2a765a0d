//! Redeeming authorization codes (RFC 6749 §4.1.3): what is refused, and whether the code survives.

use client_registry::Client;
use oauth_types::Duration;
use test_support::{TestClient, World, param_of};

use crate::{claims, consent, line, login, query, walk, words};

const UNKNOWN: &str = "was issued to another client.";
const OTHER_URI: &str = "The 'redirect_uri' from this request does not match the one from the \
                         authorize request.";

/// The form that redeems a code.
pub(crate) fn form<'a>(code: &'a str, redirect_uri: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
    ]
}

async fn refused(world: &World, client: &TestClient, form: &[(&str, &str)]) -> String {
    match world.token(client, form).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => line(&error),
    }
}

#[tokio::test]
async fn refusals_leave_the_code_good_for_the_right_request() {
    let world = World::new();
    let client = world.client("openid").await;
    let thief = world.client("openid").await;
    let uri = client.redirect_uri.as_str();
    let good = world.robot().code(&client, "alice", "openid").await;
    let forged = format!("ory_ac_AAAA{}", &good[good.find('.').expect("two parts")..]);
    for (caller, code, uri, expected) in [
        (&client, "", uri, UNKNOWN),
        (&client, "nonsense", uri, UNKNOWN),
        (&client, "ory_ac_a.b", uri, UNKNOWN),
        (&client, forged.as_str(), uri, UNKNOWN),
        (
            &thief,
            good.as_str(),
            uri,
            "The OAuth 2.0 Client ID from this request does not match the one from the authorize \
             request.",
        ),
        (&client, good.as_str(), "", OTHER_URI),
        (
            &client,
            good.as_str(),
            "https://app.example/callback/",
            OTHER_URI,
        ),
    ] {
        let said = refused(&world, caller, &form(code, uri)).await;
        assert!(
            said.starts_with("400 invalid_grant "),
            "{code} {uri}: {said}"
        );
        assert!(said.ends_with(expected), "{code} {uri}: {said}");
    }
    assert_eq!(refused(&world, &client, &form(&good, uri)).await, "ok");
}

#[tokio::test]
async fn the_grant_type_has_to_be_registered() {
    let world = World::new();
    let client = world
        .client_with("openid", |c| c.grant_types = words("refresh_token"))
        .await;
    let code = world.robot().code(&client, "alice", "openid").await;
    let said = refused(&world, &client, &form(&code, &client.redirect_uri)).await;
    assert!(said.starts_with("400 unauthorized_client "), "{said}");
    let hint = "The OAuth 2.0 Client is not allowed to use authorization grant \
                'authorization_code'.";
    assert!(said.ends_with(hint), "{said}");
}

#[tokio::test]
async fn a_redirect_uri_that_was_not_sent_is_not_compared() {
    for sent in ["", "https://anything.example/"] {
        let world = World::new();
        let client = world.client("openid").await;
        let asked = query(&client, &[("redirect_uri", "")]);
        let go = walk(
            &mut world.robot(),
            &asked,
            login("alice"),
            consent("openid"),
        )
        .await;
        let code = param_of(&go, "code");
        assert_eq!(
            refused(&world, &client, &form(&code, sent)).await,
            "ok",
            "{sent}"
        );
    }
}

/// The redirect URI of a public client is judged at the authorization endpoint. One that was
/// omitted there must not look insecure here.
#[tokio::test]
async fn a_public_client_redeems_a_silent_code_without_redirect_uri() {
    let world = World::new();
    let client = world.client_with("openid", crate::public).await;
    let mut robot = world.robot();
    let agreed = provider::AcceptConsent {
        remember: true,
        ..consent("openid")
    };
    let remembered = crate::remembered_login("alice");
    walk(
        &mut robot,
        &query(&client, &[]),
        remembered.clone(),
        agreed.clone(),
    )
    .await;
    let silent = query(&client, &[("redirect_uri", ""), ("prompt", "none")]);
    let code = param_of(&walk(&mut robot, &silent, remembered, agreed).await, "code");
    let mut form = form(&code, "").to_vec();
    form.push(("client_id", client.id.as_str()));
    let form = oauth_types::FormBody::Urlencoded(form.into_iter().collect());
    let tokens = world
        .provider
        .token(&form, None)
        .await
        .expect("a silent code");
    assert!(tokens.id_token.is_some());
}

#[tokio::test]
async fn a_code_without_its_prefix_buys_no_id_token() {
    let world = World::new();
    let client = world.client("openid").await;
    let code = world.robot().code(&client, "alice", "openid").await;
    let bare = code.strip_prefix("ory_ac_").expect("codes have a prefix");
    let tokens = world
        .token(&client, &form(bare, &client.redirect_uri))
        .await
        .expect("the prefix is no part of the proof");
    assert!(tokens.id_token.is_none());
}

#[tokio::test]
async fn tokens_follow_what_was_granted() {
    for (granted, grants, id_token, refresh_token) in [
        (
            "openid offline",
            "authorization_code refresh_token",
            true,
            true,
        ),
        ("openid", "authorization_code refresh_token", true, false),
        (
            "offline_access",
            "authorization_code refresh_token",
            false,
            true,
        ),
        ("OFFLINE", "authorization_code refresh_token", false, true),
        ("openid offline", "authorization_code", true, false),
        ("", "authorization_code refresh_token", false, false),
    ] {
        let world = World::new();
        let scope = "openid offline offline_access";
        let client = world
            .client_with(scope, |c| c.grant_types = words(grants))
            .await;
        let asked = query(&client, &[]);
        let go = walk(&mut world.robot(), &asked, login("alice"), consent(granted)).await;
        let code = param_of(&go, "code");
        let form = form(&code, &client.redirect_uri);
        let tokens = world.token(&client, &form).await.expect("a fresh code");
        assert_eq!(tokens.scope, granted);
        assert_eq!(tokens.id_token.is_some(), id_token, "{granted} {grants}");
        assert_eq!(
            tokens.refresh_token.is_some(),
            refresh_token,
            "{granted} {grants}"
        );
    }
}

#[tokio::test]
async fn lifespans_of_the_client_override_the_servers() {
    let world = World::new();
    let client = world
        .client_with("openid offline", |c: &mut Client| {
            let own = &mut c.lifespans;
            own.authorization_code_grant_access_token = Some(Duration::from_secs(600));
            own.authorization_code_grant_id_token = Some(Duration::from_secs(60));
            own.authorization_code_grant_refresh_token = Some(Duration::from_secs(120));
        })
        .await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    assert_eq!(tokens.expires_in, 600);
    let id_token = claims(&tokens.id_token.expect("openid was granted"));
    let (exp, iat) = (id_token["exp"].as_i64(), id_token["iat"].as_i64());
    assert_eq!(exp.zip(iat).map(|(exp, iat)| exp - iat), Some(60));
    let refresh = tokens.refresh_token.expect("offline was granted");
    world.clock.advance(120);
    assert!(world.is_active(&refresh).await);
    world.clock.advance(1);
    assert!(!world.is_active(&refresh).await);
}

/// A short nonce of the plain code flow comes to light only when the ID token is made.
#[tokio::test]
async fn a_short_nonce_is_told_at_redemption() {
    let world = World::new();
    let client = world.client("openid").await;
    let asked = query(&client, &[("nonce", "short")]);
    let go = walk(
        &mut world.robot(),
        &asked,
        login("alice"),
        consent("openid"),
    )
    .await;
    let code = param_of(&go, "code");
    let said = refused(&world, &client, &form(&code, &client.redirect_uri)).await;
    assert!(said.starts_with("400 insufficient_entropy "), "{said}");
}

/// The secret was changed at another replica; this one still remembers the old one.
#[tokio::test]
async fn a_secret_that_was_replaced_elsewhere_redeems_nothing() {
    let world = World::new();
    let client = world.client("openid offline").await;
    world.tokens(&client, "alice", "openid").await;
    let code = world.robot().code(&client, "alice", "openid offline").await;
    world
        .change_client(&client, |c| c.secret = world.hash("another-secret"))
        .await;
    let form = form(&code, &client.redirect_uri);
    let said = refused(&world, &client, &form).await;
    assert!(said.starts_with("401 invalid_client "), "{said}");

    let renewed = TestClient {
        secret: "another-secret".into(),
        ..client.clone()
    };
    assert_eq!(
        refused(&world, &renewed, &form).await,
        "ok",
        "the code is still good"
    );
}
