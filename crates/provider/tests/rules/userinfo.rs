//! Userinfo (OpenID Connect Core §5.3): which tokens open it, and what it tells.

use oauth_types::{FormBody, Params};
use provider::{AcceptConsent, BearerRequest, ConsentSessionData, Userinfo, UserinfoError};
use serde_json::{Value, json};
use test_support::{World, param_of};

use crate::{claims, line, login, query, walk, words};

async fn ask(
    world: &World,
    header: &str,
    query: &str,
    form: FormBody,
) -> Result<Userinfo, UserinfoError> {
    let request = BearerRequest {
        authorization: Some(header.to_owned()).filter(|h| !h.is_empty()),
        query,
        form,
    };
    world.provider.userinfo(&request).await
}

async fn told(world: &World, token: &str) -> Value {
    match ask(world, &format!("Bearer {token}"), "", FormBody::None).await {
        Ok(Userinfo::Claims(claims)) => Value::Object(claims),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tokens_are_found_in_one_order() {
    let world = World::new();
    let client = world.client("openid").await;
    let tokens = world.tokens(&client, "alice", "openid").await;
    let good = tokens.access_token.expose();
    let field = |token: &str| Params::from_iter([("access_token", token)]);
    let (good_query, bad_query) = (format!("access_token={good}"), "access_token=bad");
    for (header, query, form, found) in [
        (format!("Bearer {good}"), bad_query, FormBody::None, true),
        (format!("bEARER {good}"), "", FormBody::None, true),
        (format!("Bearer  {good}"), "", FormBody::None, false),
        (
            format!("Basic {good}"),
            good_query.as_str(),
            FormBody::None,
            true,
        ),
        ("Bearer ".into(), good_query.as_str(), FormBody::None, true),
        (
            "Bearer bad".into(),
            good_query.as_str(),
            FormBody::None,
            false,
        ),
        (
            String::new(),
            bad_query,
            FormBody::Urlencoded(field(good)),
            true,
        ),
        (
            String::new(),
            good_query.as_str(),
            FormBody::Urlencoded(field("bad")),
            false,
        ),
        (
            String::new(),
            good_query.as_str(),
            FormBody::Multipart(field("bad")),
            true,
        ),
        (String::new(), "", FormBody::Multipart(field(good)), true),
        (String::new(), "", FormBody::None, false),
    ] {
        let answer = ask(&world, &header, query, form.clone()).await;
        assert_eq!(answer.is_ok(), found, "{header} {query} {form:?}");
    }
}

#[tokio::test]
async fn refusals_say_how_to_do_better() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let good = tokens.access_token.expose();
    let (_, signature) = good.split_once('.').expect("two parts");
    let refresh = tokens
        .refresh_token
        .as_ref()
        .expect("offline was granted")
        .expose();
    let unauthorized = "The request could not be authorized. Check that you provided valid \
                        credentials in the right format.";
    let header = |error: &str, text: &str| {
        Some(format!(
            "Bearer error=\"{error}\",error_description=\"{text}\""
        ))
    };
    let unknown = header("request_unauthorized", unauthorized);
    let refused = format!("401 request_unauthorized {unauthorized}");
    let only_access = "Only access tokens are allowed in the authorization header.";
    for (token, expected, www) in [
        ("", refused.as_str(), unknown.clone()),
        ("nonsense", &refused, unknown.clone()),
        ("ory_at_a.b", &refused, unknown),
        (
            &format!("ory_at_{}.{signature}", "A".repeat(43)),
            "400 token_signature_mismatch Token signature mismatch. Check that you provided  a \
             valid token in the right format.",
            None,
        ),
        (
            &format!("ory_at_.{signature}"),
            "400 invalid_token Invalid token format. Check that you provided a valid token in the \
             right format.",
            None,
        ),
        (
            refresh,
            "401 error The error is unrecognizable",
            header("invalid_token", only_access),
        ),
    ] {
        let answer = ask(&world, &format!("Bearer {token}"), "", FormBody::None).await;
        let error = answer.expect_err("refused");
        assert_eq!(line(&error.error), expected, "{token}");
        assert_eq!(error.www_authenticate, www, "{token}");
    }
    world.clock.advance(3_601);
    let answer = ask(&world, &format!("Bearer {good}"), "", FormBody::None).await;
    let error = answer.expect_err("expired");
    let text = "Token expired. Access token expired at '2022-12-08 11:11:12 +0000 UTC'.";
    assert_eq!(line(&error.error), format!("401 invalid_token {text}"));
    assert_eq!(error.www_authenticate, header("invalid_token", text));
}

#[tokio::test]
async fn the_claims_are_those_of_the_id_token_less_what_belongs_to_it_alone() {
    let world = World::new();
    let client = world.client("openid").await;
    let own = json!({ "email": "a@x.example", "sid": "mine", "nonce": "mine", "sub": "mallory",
                      "aud": "mine", "iss": "mine", "jti": "mine", "exp": 1, "azp": "kept" });
    let Value::Object(own) = own else {
        panic!("an object")
    };
    let agreed = AcceptConsent {
        grant_scope: words("openid"),
        session: Some(ConsentSessionData {
            id_token: own,
            ..ConsentSessionData::default()
        }),
        ..AcceptConsent::default()
    };
    let go = walk(
        &mut world.robot(),
        &query(&client, &[]),
        login("alice"),
        agreed,
    )
    .await;
    let code = param_of(&go, "code");
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("a fresh code");
    let at = 1_670_494_272;
    let expected = json!({ "aud": [client.id], "auth_time": at, "azp": "kept",
                           "email": "a@x.example", "iat": at, "iss": "https://id.example/",
                           "rat": at, "sub": "alice" });
    assert_eq!(told(&world, tokens.access_token.expose()).await, expected);
}

#[tokio::test]
async fn openid_is_not_required_and_machines_have_no_subject() {
    let world = World::new();
    let client = world.client("read").await;
    let tokens = world.tokens(&client, "alice", "").await;
    assert_eq!(
        told(&world, tokens.access_token.expose()).await["sub"],
        "alice"
    );
    let form = [("grant_type", "client_credentials")];
    let tokens = world
        .token(&client, &form)
        .await
        .expect("a machine's token");
    let told = told(&world, tokens.access_token.expose()).await;
    assert!(told.get("sub").is_none(), "{told}");
    assert_eq!(told["aud"], json!([client.id]));
}

#[tokio::test]
async fn clients_may_want_it_signed() {
    let world = World::new();
    for (wanted, signed) in [("", false), ("none", false), ("RS256", true)] {
        let client = world
            .client_with("openid", |c| c.userinfo_signed_response_alg = wanted.into())
            .await;
        let tokens = world.tokens(&client, "alice", "openid").await;
        world.clock.advance(60);
        let header = format!("Bearer {}", tokens.access_token.expose());
        match ask(&world, &header, "", FormBody::None).await {
            Ok(Userinfo::Claims(_)) => assert!(!signed, "{wanted}"),
            Ok(Userinfo::Jwt(token)) => {
                assert!(signed, "{wanted}");
                let claims = claims(&token);
                assert_eq!(
                    (&claims["sub"], &claims["aud"]),
                    (&json!("alice"), &json!([client.id]))
                );
                let age = claims["iat"].as_i64().zip(claims["auth_time"].as_i64());
                assert_eq!(age.map(|(iat, at)| iat - at), Some(60));
                assert!(claims["jti"].is_string());
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}
