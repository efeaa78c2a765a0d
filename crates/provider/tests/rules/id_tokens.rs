//! ID tokens (OpenID Connect Core §2): every claim, and that the consent app overrides none.

use provider::{AcceptConsent, AcceptLogin, ConsentSessionData};
use serde_json::{Map, Value, json};
use test_support::{World, param_of};

use crate::{claims, login, query, walk, words};

const NOW: i64 = 1_670_494_272;

/// The ID token that a code buys, with what belongs to the world alone taken out.
async fn id_token(changes: &[(&str, &str)], login: AcceptLogin, own: Value) -> (String, Value) {
    let world = World::new();
    let client = world.client("openid").await;
    let Value::Object(own) = own else {
        panic!("claims are an object")
    };
    let agreed = AcceptConsent {
        grant_scope: words("openid"),
        session: Some(ConsentSessionData {
            id_token: own,
            access_token: Map::from_iter([("ours".to_owned(), json!(1))]),
        }),
        ..AcceptConsent::default()
    };
    let go = walk(&mut world.robot(), &query(&client, changes), login, agreed).await;
    let code = param_of(&go, "code");
    world.clock.advance(60);
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("a fresh code");
    let mut claims = claims(&tokens.id_token.expect("openid was granted"));
    let hash = crypto::left_half_hash(tokens.access_token.expose());
    let members = claims.as_object_mut().expect("claims are an object");
    assert_eq!(members.remove("at_hash"), Some(json!(hash)));
    for name in ["jti", "sid"] {
        let value = members.remove(name).expect("always there");
        assert_eq!(
            value.as_str().map(str::len),
            Some(36),
            "{name} is a UUID of ours"
        );
    }
    (client.id, claims)
}

#[tokio::test]
async fn a_plain_id_token_says_who_when_and_for_whom() {
    let (client, claims) = id_token(&[], login("alice"), json!({})).await;
    let expected = json!({ "aud": [client], "auth_time": NOW, "exp": NOW + 60 + 3_600,
                           "iat": NOW + 60, "iss": "https://id.example/", "rat": NOW,
                           "sub": "alice" });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn the_login_app_tells_how_the_user_was_authenticated() {
    let strong = AcceptLogin {
        acr: "gold".into(),
        amr: words("pwd otp"),
        ..login("alice")
    };
    let changes = [("nonce", "nonce-0123456789"), ("acr_values", "silver")];
    let (_, claims) = id_token(&changes, strong, json!({})).await;
    assert_eq!(claims["acr"], "gold");
    assert_eq!(claims["amr"], json!(["pwd", "otp"]));
    assert_eq!(claims["nonce"], "nonce-0123456789");
}

#[tokio::test]
async fn an_acr_that_was_asked_for_and_not_given_is_zero() {
    let (_, claims) = id_token(&[("acr_values", "gold")], login("alice"), json!({})).await;
    assert_eq!(claims["acr"], "0");
}

#[tokio::test]
async fn the_consent_app_adds_claims_but_overrides_none() {
    let reserved = [
        "sub",
        "iss",
        "jti",
        "aud",
        "iat",
        "exp",
        "rat",
        "nonce",
        "at_hash",
        "c_hash",
        "auth_time",
        "acr",
        "amr",
        "sid",
    ];
    let mut own: Map<String, Value> = reserved
        .iter()
        .map(|name| ((*name).to_owned(), json!("forged")))
        .collect();
    let kept = json!({ "azp": "x", "nbf": 1, "s_hash": "y", "empty": null, "list": [],
                       "deep": { "b": 1, "a": [0.5] }, "large": 9_007_199_254_740_993_i64 });
    own.extend(kept.as_object().expect("an object").clone());
    let (_, claims) = id_token(&[], login("alice"), Value::Object(own)).await;
    for name in reserved {
        assert_ne!(claims[name], "forged", "{name}");
    }
    for gone in ["nonce", "c_hash", "acr", "amr"] {
        assert!(claims.get(gone).is_none(), "{gone}: known to be absent");
    }
    for name in ["azp", "nbf", "s_hash", "empty", "list", "deep"] {
        assert_eq!(claims.get(name), kept.get(name), "{name}");
    }
    assert_eq!(
        claims["large"], 9_007_199_254_740_992_i64,
        "as doubles have it"
    );
    assert!(
        claims.get("ours").is_none(),
        "claims of access tokens stay there"
    );
}

#[tokio::test]
async fn a_session_that_ended_before_the_code_leaves_an_empty_sid() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[])).await;
    let back = robot.log_in(&go, "alice", true).await;
    let go = robot.visit(&back).await;
    world.provider.revoke_logins("alice").await.expect("ended");
    let back = robot.consent(&go, "openid").await;
    let code = param_of(&robot.visit(&back).await, "code");
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("a fresh code");
    assert_eq!(
        claims(&tokens.id_token.expect("openid was granted"))["sid"],
        ""
    );
}
