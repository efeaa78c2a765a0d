//! Clients on their own behalf (RFC 6749 §4.4).

use client_registry::Client;
use oauth_types::{FormBody, Params};
use provider::Policy;
use test_support::World;

use crate::{line, words};

async fn check(
    public: bool,
    change: impl FnOnce(&mut Client),
    policy: impl FnOnce(&mut Policy),
    asked: &[(&str, &str)],
) -> String {
    let world = World::with(policy);
    let client = world
        .client_with("read write.*", |c| {
            c.audience = vec!["https://api.example/".into()];
            if public {
                crate::public(c);
            }
            change(c);
        })
        .await;
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client.id.as_str()),
    ];
    form.extend(asked);
    let form = FormBody::Urlencoded(Params::from_iter(form));
    // Public clients have no secret to show.
    let basic = client.basic();
    let header = (!public).then_some(basic.as_str());
    match world.provider.token(&form, header).await {
        Ok(tokens) => {
            assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
            format!("ok {}", tokens.scope)
        }
        Err(error) => line(&error),
    }
}

fn as_it_is<T>(_: &mut T) {}

#[tokio::test]
async fn all_that_is_asked_for_and_allowed_is_granted() {
    for (asked, granted) in [
        (vec![("scope", "read write.mail")], "ok read write.mail"),
        (vec![("scope", "")], "ok "),
        (vec![], "ok "),
        (
            vec![("scope", "read"), ("audience", "https://api.example/v1")],
            "ok read",
        ),
    ] {
        assert_eq!(
            check(false, as_it_is, as_it_is, &asked).await,
            granted,
            "{asked:?}"
        );
    }
    let all = |policy: &mut Policy| policy.tokens.default_grant_allowed_scope = true;
    assert_eq!(check(false, as_it_is, all, &[]).await, "ok read write.*");
    assert_eq!(
        check(false, as_it_is, all, &[("scope", "read")]).await,
        "ok read"
    );
}

#[tokio::test]
async fn refusals_come_in_one_order() {
    let scope = ("scope", "read unknown");
    let audience = ("audience", "https://unknown.example");
    for (public, grants, asked, expected, hint) in [
        (
            true,
            "none",
            vec![scope, audience],
            "400 invalid_scope ",
            "The OAuth 2.0 Client is not allowed to request scope 'unknown'.",
        ),
        (
            true,
            "none",
            vec![audience],
            "400 invalid_request ",
            "Requested audience 'https://unknown.example' has not been whitelisted by the OAuth \
             2.0 Client.",
        ),
        (
            true,
            "none",
            vec![],
            "400 invalid_grant ",
            "The OAuth 2.0 Client is marked as public and is thus not allowed to use authorization \
             grant 'client_credentials'.",
        ),
        (
            false,
            "none",
            vec![],
            "400 unauthorized_client ",
            "The OAuth 2.0 Client is not allowed to use authorization grant 'client_credentials'.",
        ),
    ] {
        let change = |c: &mut Client| c.grant_types = words(grants);
        let said = check(public, change, as_it_is, &asked).await;
        assert!(
            said.starts_with(expected) && said.ends_with(hint),
            "{asked:?}: {said}"
        );
    }
}

#[tokio::test]
async fn grant_types_that_nobody_handles_are_told_before_the_client_is_looked_at() {
    let world = World::new();
    for (grant_type, hint) in [
        ("", "Request parameter 'grant_type' is missing"),
        ("password", "whitelisted the redirect_uri you specified."),
        (
            "client_credentials password",
            "whitelisted the redirect_uri you specified.",
        ),
    ] {
        let form = Params::from_iter([("grant_type", grant_type), ("client_id", "nobody")]);
        let error = world
            .provider
            .token(&FormBody::Urlencoded(form), None)
            .await;
        let said = line(&error.expect_err("refused"));
        assert!(
            said.starts_with("400 invalid_request ") && said.ends_with(hint),
            "{said}"
        );
    }
}
