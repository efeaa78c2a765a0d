//! Pairwise subjects (OpenID Connect Core §8) through all endpoints.

use client_registry::Client;
use oauth_types::{FormBody, Params};
use provider::{AcceptLogin, BearerRequest, Introspection, Userinfo};
use test_support::{World, param_of};

use crate::{assert_told, claims, consent, login, query, told, walk};

const OF_THE_HOST: &str = "def722c506734dc27b00b639910e189a124ef1501025caca12793e8d40c224a7";
const OF_THE_SECTOR: &str = "f0d880b7328316aaf4dde09adc5aae1216a230640d4480a735e56a541109b355";

fn world() -> World {
    World::with(|policy| policy.subjects.pairwise_salt = Some("a-long-random-salt".into()))
}

fn pairwise(client: &mut Client) {
    client.subject_type = "pairwise".into();
    client.redirect_uris = vec!["https://app.example.org/cb".into()];
}

fn with_sector(client: &mut Client) {
    pairwise(client);
    client.sector_identifier_uri = "https://app.example.org/sector.json".into();
}

async fn check(change: fn(&mut Client), forced: &str, expected: &str) {
    let world = world();
    let client = world.client_with("openid", change).await;
    let accept = AcceptLogin {
        force_subject_identifier: forced.into(),
        ..login("user-7")
    };
    let asked = query(&client, &[("redirect_uri", "")]);
    let go = walk(&mut world.robot(), &asked, accept, consent("openid")).await;
    let code = param_of(&go, "code");
    let tokens = world
        .token(&client, &crate::code_grant::form(&code, ""))
        .await;
    let tokens = tokens.expect("a fresh code");
    assert_eq!(
        claims(&tokens.id_token.expect("openid was granted"))["sub"],
        expected
    );

    let header = format!("Bearer {}", tokens.access_token.expose());
    let request = BearerRequest {
        authorization: Some(header),
        query: "",
        form: FormBody::None,
    };
    match world.provider.userinfo(&request).await {
        Ok(Userinfo::Claims(told)) => assert_eq!(told["sub"], expected),
        other => panic!("{other:?}"),
    }

    let form = Params::from_iter([("token", tokens.access_token.expose())]);
    match world.provider.introspect(&FormBody::Urlencoded(form)).await {
        Ok(Introspection::Active(token)) => {
            assert_eq!(token.sub, "user-7", "resource servers know the real one");
            let hidden = (expected != "user-7").then_some(expected);
            assert_eq!(token.obfuscated_subject.as_deref(), hidden);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn clients_see_their_own_subject_and_resource_servers_the_real_one() {
    check(pairwise, "", OF_THE_HOST).await;
    check(with_sector, "", OF_THE_SECTOR).await;
    check(pairwise, "as-the-app-says", "as-the-app-says").await;
    check(|_| {}, "as-the-app-says", "user-7").await;
}

#[tokio::test]
async fn pairwise_clients_that_cannot_be_served_are_told_after_the_login() {
    let off = World::new();
    let client = off.client_with("openid", pairwise).await;
    let asked = query(&client, &[("redirect_uri", "")]);
    let go = walk(&mut off.robot(), &asked, login("user-7"), consent("openid")).await;
    let hint = format!(
        "Subject Identifier Algorithm 'pairwise' was requested by OAuth 2.0 Client '{}' but is not \
         configured.",
        client.id
    );
    assert_told(&go, "query invalid_request", &hint, "off");

    let world = world();
    let ambiguous = |c: &mut Client| {
        pairwise(c);
        c.redirect_uris.push("https://app.example/callback".into());
    };
    let client = world.client_with("openid", ambiguous).await;
    let asked = query(&client, &[]);
    let go = walk(
        &mut world.robot(),
        &asked,
        login("user-7"),
        consent("openid"),
    )
    .await;
    let hint = format!(
        "OAuth 2.0 Client {} has multiple redirect_uris but no sector_identifier_uri was set which \
         is not allowed when performing using subject type pairwise. Please reconfigure the OAuth \
         2.0 client properly.",
        client.id
    );
    assert_told(&go, "query invalid_request", &hint, "ambiguous");
}

/// A hint names the user as the client knows it, hashed or forced.
#[tokio::test]
async fn hints_may_name_the_pairwise_or_the_forced_subject() {
    for (forced, hinted, expected) in [
        ("", OF_THE_HOST, "login"),
        ("", "user-7", "login"),
        ("", OF_THE_SECTOR, "query login_required"),
        ("as-the-app-says", "as-the-app-says", "login"),
        (
            "as-the-app-says",
            "as-another-app-says",
            "query login_required",
        ),
    ] {
        let world = world();
        let client = world.client_with("openid", pairwise).await;
        let mut robot = world.robot();
        let accept = AcceptLogin {
            force_subject_identifier: forced.into(),
            remember: true,
            ..login("user-7")
        };
        walk(
            &mut robot,
            &query(&client, &[("redirect_uri", "")]),
            accept,
            consent("openid"),
        )
        .await;
        let hint = world.sign(&serde_json::json!({ "sub": hinted }));
        let changes = [("redirect_uri", ""), ("id_token_hint", hint.as_str())];
        let go = robot.visit(&query(&client, &changes)).await;
        assert_eq!(told(&go), expected, "{forced} {hinted}");
    }
}
