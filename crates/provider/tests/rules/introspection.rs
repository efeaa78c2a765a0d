//! Introspection (RFC 7662): what a resource server learns, and when it learns nothing.

use oauth_types::{FormBody, Params, Secret};
use provider::{AcceptConsent, ActiveToken, ConsentSessionData, Introspection};
use serde_json::json;
use test_support::{World, param_of};

use crate::{line, login, query, walk, words};

async fn introspect(world: &World, form: &[(&str, &str)]) -> Option<ActiveToken> {
    let form = FormBody::Urlencoded(form.iter().copied().collect::<Params>());
    match world.provider.introspect(&form).await {
        Ok(Introspection::Active(token)) => Some(*token),
        Ok(Introspection::Inactive) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn good_tokens_are_described() {
    let world = World::new();
    let audience = "https://api.example/";
    let client = world
        .client_with("openid offline read", |c| {
            c.audience = vec![audience.into()];
        })
        .await;
    let agreed = AcceptConsent {
        grant_scope: words("offline read"),
        grant_audience: vec![audience.into()],
        session: Some(ConsentSessionData {
            access_token: [("tenant".to_owned(), json!(7))].into_iter().collect(),
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
    world.clock.advance(60);
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("a fresh code");
    let refresh = tokens.refresh_token.expect("offline was granted");
    let at = 1_670_494_272 + 60;
    for (token, token_use, lifespan) in [
        (&tokens.access_token, "access_token", 3_600),
        (&refresh, "refresh_token", 720 * 3_600),
    ] {
        for hint in ["", "access_token", "refresh_token", "pigeon"] {
            let form = [("token", token.expose()), ("token_type_hint", hint)];
            let told = introspect(&world, &form).await.expect("a good token");
            let expected = ActiveToken {
                scope: "offline read".into(),
                client_id: client.id.clone(),
                sub: "alice".into(),
                obfuscated_subject: None,
                exp: Some(at + lifespan),
                iat: at,
                aud: vec![audience.into()],
                iss: "https://id.example/".into(),
                token_use,
                ext: [("tenant".to_owned(), json!(7))].into_iter().collect(),
            };
            assert_eq!(told, expected, "{hint}");
        }
    }
}

#[tokio::test]
async fn machines_are_their_own_subject() {
    let world = World::new();
    let client = world.client("read").await;
    let form = [("grant_type", "client_credentials"), ("scope", "read")];
    let tokens = world
        .token(&client, &form)
        .await
        .expect("a machine's token");
    let form = [("token", tokens.access_token.expose())];
    let told = introspect(&world, &form).await.expect("a good token");
    assert_eq!((told.sub, told.obfuscated_subject), (client.id, None));
}

#[tokio::test]
async fn scopes_that_were_not_granted_make_a_token_inactive() {
    let world = World::new();
    let client = world.client("photos.* read").await;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "photos.* read"),
    ];
    let tokens = world
        .token(&client, &form)
        .await
        .expect("a machine's token");
    for (scope, active) in [
        ("", true),
        ("read", true),
        ("  read  ", true),
        ("read photos.mine", true),
        ("photos", false),
        ("read write", false),
        ("read\t", false),
    ] {
        let form = [("token", tokens.access_token.expose()), ("scope", scope)];
        assert_eq!(
            introspect(&world, &form).await.is_some(),
            active,
            "{scope:?}"
        );
    }
}

#[tokio::test]
async fn everything_else_is_inactive() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let code = world.robot().code(&client, "alice", "openid").await;
    let good = tokens.access_token.expose();
    let (_, signature) = good.split_once('.').expect("two parts");
    let id_token = tokens.id_token.expect("openid was granted");
    for token in [
        "",
        "nonsense",
        &format!("ory_at_AAAA.{signature}"),
        &id_token,
        &code,
    ] {
        assert_eq!(
            introspect(&world, &[("token", token)]).await,
            None,
            "{token}"
        );
    }
    assert_eq!(introspect(&world, &[("scope", "openid")]).await, None);
    let bare = good.strip_prefix("ory_at_").expect("a prefix");
    assert!(
        world.is_active(&Secret::new(bare)).await,
        "the prefix proves nothing"
    );
}

#[tokio::test]
async fn a_request_without_a_form_is_an_error() {
    let world = World::new();
    for (form, hint) in [
        (FormBody::None, "The POST body can not be empty."),
        (
            FormBody::Urlencoded(Params::default()),
            "The POST body can not be empty.",
        ),
        (
            FormBody::Broken,
            "Unable to parse HTTP body, make sure to send a properly formatted form request body.",
        ),
    ] {
        let said = line(&world.provider.introspect(&form).await.expect_err("no form"));
        assert!(
            said.starts_with("400 invalid_request ") && said.ends_with(hint),
            "{said}"
        );
    }
}
