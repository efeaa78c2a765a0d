//! How clients prove who they are (RFC 6749 §2.3), at the token endpoint.

use oauth_types::{FormBody, Params};
use test_support::{TestClient, World};

use crate::line;

const UNDECODABLE: &str = "in the HTTP authorization header could not be decoded from \
                           'application/x-www-form-urlencoded'.";
const NOBODY: &str = "Client credentials missing or malformed in both HTTP Authorization header \
                      and HTTP POST body.";
const FAILED: &str = "401 invalid_client Client authentication failed (e.g., unknown client, no \
                      client authentication included, or unsupported authentication method).";

/// A client with the secret `s+cr t` that is registered for a method; `@` stands for its id.
async fn check(method: &str, header: Option<&str>, body: &[(&str, &str)], expected: &str) {
    let world = World::new();
    let client = world
        .client_with("read", |c| {
            c.token_endpoint_auth_method = method.into();
            c.secret = world.hash("s+cr t");
        })
        .await;
    // Pairs stand here as text; headers without a colon go as they are.
    let header = header.map(|h| match (h.split_once(' '), h.split_once(':')) {
        (Some((scheme, _)), Some((user, secret))) => {
            let pair = TestClient {
                id: user[scheme.len() + 1..].replace('@', &client.id),
                secret: secret.to_owned(),
                ..client.clone()
            };
            pair.basic().replacen("Basic", scheme, 1)
        }
        _ => h.to_owned(),
    });
    let mut form = Params::from_iter([("grant_type", "refresh_token"), ("refresh_token", "none")]);
    for (name, value) in body {
        form.add(*name, value.replace('@', &client.id));
    }
    let form = FormBody::Urlencoded(form);
    let error = world.provider.token(&form, header.as_deref()).await;
    // Who is let in is told that its refresh token is none.
    let said = line(&error.expect_err("no refresh token was sent"));
    let expected = match expected {
        "in" => "400 invalid_grant ",
        other => other,
    };
    assert!(
        said.starts_with(expected) || said.ends_with(expected),
        "{method} {header:?} {body:?}: {said}"
    );
}

fn not_registered(registered: &str, asked: &str) -> String {
    format!(
        "The OAuth 2.0 Client supports client authentication method '{registered}', but method \
         '{asked}' was requested. You must configure the OAuth 2.0 client's \
         'token_endpoint_auth_method' value to accept '{asked}'."
    )
}

#[tokio::test]
async fn headers_identify_and_prove() {
    for (header, expected) in [
        ("Basic @:s%2Bcr+t", "in"),
        ("bAsIc @:s%2Bcr+t", "in"),
        ("Basic @:s+cr t", FAILED),
        ("Basic @:wrong", FAILED),
        ("Basic @:", FAILED),
        ("Basic nobody:s%2Bcr+t", FAILED),
        ("Basic :s%2Bcr+t", FAILED),
        ("Basic @:%zz", UNDECODABLE),
        ("Basic %zz:a", UNDECODABLE),
        ("Basic bm8gY29sb24=", NOBODY),
        ("Basic !!!", NOBODY),
        ("Bearer a:b", NOBODY),
    ] {
        check("client_secret_basic", Some(header), &[], expected).await;
    }
    check("client_secret_basic", None, &[], NOBODY).await;
    check(
        "client_secret_basic",
        None,
        &[("client_secret", "s+cr t")],
        NOBODY,
    )
    .await;
}

#[tokio::test]
async fn bodies_identify_and_prove() {
    let whole = [("client_id", "@"), ("client_secret", "s+cr t")];
    let wrong = [("client_id", "@"), ("client_secret", "wrong")];
    let bare = [("client_id", "@"), ("client_secret", "")];
    for (body, expected) in [(whole, "in"), (wrong, FAILED), (bare, FAILED)] {
        check("client_secret_post", None, &body, expected).await;
    }
    // The header wins, and has no password.
    check("client_secret_post", Some("Basic @:"), &whole, FAILED).await;
}

#[tokio::test]
async fn public_clients_only_say_who_they_are() {
    check("none", None, &[("client_id", "@")], "in").await;
    check("none", Some("Basic @:"), &[], "in").await;
    check("none", None, &[("client_id", "nobody")], FAILED).await;
}

#[tokio::test]
async fn methods_that_are_not_registered_are_refused_with_both_names() {
    let post = [("client_id", "@"), ("client_secret", "s+cr t")];
    let basic = Some("Basic @:s%2Bcr+t");
    let none: &[(&str, &str)] = &[];
    for (registered, header, body, asked) in [
        ("client_secret_post", basic, none, "client_secret_basic"),
        ("none", basic, none, "client_secret_basic"),
        ("private_key_jwt", basic, none, "client_secret_basic"),
        ("client_secret_basic", None, &post, "client_secret_post"),
        ("none", None, &post, "client_secret_post"),
        // Also beside a good header, and before the secret is looked at.
        ("client_secret_basic", basic, &post, "client_secret_post"),
    ] {
        let expected = not_registered(registered, asked);
        check(registered, header, body, &expected).await;
    }
    check("", Some("Basic @:s%2Bcr+t"), &[], "in").await;
    let silent = [("client_id", "@")];
    check("private_key_jwt", None, &silent, FAILED).await;
    check("client_secret_basic", None, &silent, FAILED).await;
}

#[tokio::test]
async fn unknown_assertion_types_are_named() {
    let body = [("client_id", "@"), ("client_assertion_type", "pigeon")];
    check(
        "none",
        None,
        &body,
        "Unknown client_assertion_type 'pigeon'.",
    )
    .await;
}
