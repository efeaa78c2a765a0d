//! Revocation (RFC 7009): who may end what.

use oauth_types::{FormBody, Params, Secret};
use provider::TokenResponse;
use test_support::{TestClient, World};

use crate::line;

async fn revoke(world: &World, client: Option<&TestClient>, form: &[(&str, &str)]) -> String {
    let form = FormBody::Urlencoded(form.iter().copied().collect::<Params>());
    let header = client.map(TestClient::basic);
    match world.provider.revoke(&form, header.as_deref()).await {
        Ok(()) => "ok".to_owned(),
        Err(error) => line(&error),
    }
}

async fn alive(world: &World, tokens: &TokenResponse) -> (bool, bool) {
    let refresh = tokens.refresh_token.as_ref().expect("offline was granted");
    (
        world.is_active(&tokens.access_token).await,
        world.is_active(refresh).await,
    )
}

/// Which token is shown, with which hint and by whom, and which of both live on.
async fn check(shown: &str, hint: &str, own: bool, expected: (bool, bool)) {
    let world = World::new();
    let client = world.client("openid offline").await;
    let stranger = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let refresh = tokens
        .refresh_token
        .as_ref()
        .map(Secret::expose)
        .unwrap_or_default();
    let token = match shown {
        "access" => tokens.access_token.expose().to_owned(),
        "refresh" => refresh.to_owned(),
        "forged" => format!(
            "ory_rt_AAAA.{}",
            refresh.split_once('.').expect("two parts").1
        ),
        other => other.to_owned(),
    };
    let caller = if own { &client } else { &stranger };
    let form = [("token", token.as_str()), ("token_type_hint", hint)];
    assert_eq!(
        revoke(&world, Some(caller), &form).await,
        "ok",
        "{shown} {hint}"
    );
    assert_eq!(
        alive(&world, &tokens).await,
        expected,
        "{shown} {hint} {own}"
    );
    assert_eq!(
        revoke(&world, Some(caller), &form).await,
        "ok",
        "twice: {shown} {hint}"
    );
}

#[tokio::test]
async fn one_token_of_a_family_ends_all_of_it_for_its_own_client() {
    let (all, none) = ((true, true), (false, false));
    for hint in ["", "access_token", "refresh_token", "pigeon"] {
        check("access", hint, true, none).await;
        check("refresh", hint, true, none).await;
        check("access", hint, false, all).await;
        check("refresh", hint, false, all).await;
        check("nonsense", hint, true, all).await;
        check("", hint, true, all).await;
    }
    // Whoever knows the signature knows the token.
    check("forged", "", true, none).await;
}

#[tokio::test]
async fn a_spent_refresh_token_ends_nothing() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let old = world.tokens(&client, "alice", "openid offline").await;
    let spent = old.refresh_token.expect("offline was granted");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", spent.expose()),
    ];
    let new = world.token(&client, &form).await.expect("refreshed");
    for token in [&spent, &old.access_token] {
        assert_eq!(
            revoke(&world, Some(&client), &[("token", token.expose())]).await,
            "ok"
        );
    }
    assert_eq!(alive(&world, &new).await, (true, true));
}

#[tokio::test]
async fn a_code_is_not_revoked_here() {
    let world = World::new();
    let client = world.client("openid").await;
    let code = world.robot().code(&client, "alice", "openid").await;
    assert_eq!(
        revoke(&world, Some(&client), &[("token", &code)]).await,
        "ok"
    );
    let form = crate::code_grant::form(&code, &client.redirect_uri);
    assert!(world.token(&client, &form).await.is_ok());
}

#[tokio::test]
async fn a_machines_token_ends_alone() {
    let world = World::new();
    let client = world.client("read").await;
    let form = [("grant_type", "client_credentials")];
    let one = world
        .token(&client, &form)
        .await
        .expect("a token")
        .access_token;
    let two = world
        .token(&client, &form)
        .await
        .expect("a token")
        .access_token;
    assert_eq!(
        revoke(&world, Some(&client), &[("token", one.expose())]).await,
        "ok"
    );
    assert_eq!(
        (world.is_active(&one).await, world.is_active(&two).await),
        (false, true)
    );
}

#[tokio::test]
async fn errors_are_generic() {
    let world = World::new();
    let client = world.client("openid").await;
    let wrong = TestClient {
        secret: "wrong".into(),
        ..client.clone()
    };
    let invalid_request = "400 invalid_request The request is missing a required parameter, \
                           includes an invalid parameter value, includes a parameter more than \
                           once, or is otherwise malformed. Make sure that the various parameters \
                           are correct, be aware of case sensitivity and trim your parameters. \
                           Make sure that the client you are using has exactly whitelisted the \
                           redirect_uri you specified.";
    let invalid_client = "401 invalid_client Client authentication failed (e.g., unknown client, \
                          no client authentication included, or unsupported authentication \
                          method).";
    assert_eq!(revoke(&world, Some(&client), &[]).await, invalid_request);
    assert_eq!(
        revoke(&world, None, &[("token", "a")]).await,
        invalid_request
    );
    assert_eq!(
        revoke(&world, Some(&wrong), &[("token", "a")]).await,
        invalid_client
    );
    let method = [
        ("client_id", client.id.as_str()),
        ("client_secret", "a-chosen-secret"),
    ];
    assert_eq!(revoke(&world, None, &method).await, invalid_client);
}

/// The secret was changed at another replica; this one still remembers the old one.
#[tokio::test]
async fn a_secret_that_was_replaced_elsewhere_revokes_nothing() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    world
        .change_client(&client, |c| c.secret = world.hash("another-secret"))
        .await;
    let form = [("token", tokens.access_token.expose())];
    let said = revoke(&world, Some(&client), &form).await;
    assert!(said.starts_with("401 invalid_client "), "{said}");
    assert_eq!(alive(&world, &tokens).await, (true, true));
}
