//! The rules of the endpoints, a table per subject, over a memory store with a fixed clock.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, too: what they cannot do ends the test"
)]

mod authorize_order;
mod client_authentication;
mod code_grant;
mod cookies;
mod id_token_hint;
mod id_tokens;
mod introspection;
mod issuing;
mod logout;
mod machines;
mod max_age;
mod pkce;
mod prompts;
mod races;
mod refresh_grant;
mod remembering;
mod revocation;
mod subjects;
mod userinfo;

use client_registry::Client;
use oauth_types::{OAuthError, Params};
use provider::{AcceptConsent, AcceptLogin, Go};
use test_support::{Robot, TestClient};

/// Where a browser was sent, in one word, and with which parameters.
fn sent(go: &Go) -> (&'static str, Params) {
    let query = |url: &str| Params::parse(url.split_once('?').map_or("", |(_, query)| query));
    match go {
        Go::App(url) if url.contains("login_challenge=") => ("login", query(url)),
        Go::App(url) if url.contains("consent_challenge=") => ("consent", query(url)),
        Go::App(url) => ("logout", query(url)),
        Go::ErrorPage(url) => ("page", query(url)),
        Go::Target(url) => ("target", query(url)),
        Go::Client(url) => match url.split_once('#') {
            Some((_, fragment)) => ("fragment", Params::parse(fragment)),
            None => ("query", query(url)),
        },
        Go::FormPost { fields, .. } => ("form", fields.iter().cloned().collect()),
        Go::FrontChannel { .. } => ("frames", Params::default()),
    }
}

/// What a browser was told: the place, and the error if there is one.
fn told(go: &Go) -> String {
    let (place, params) = sent(go);
    match params.text("error") {
        "" => place.to_owned(),
        error => format!("{place} {error}"),
    }
}

/// Asserts where a browser was sent and how the description of the error ends.
fn assert_told(go: &Go, expected: &str, hint: &str, case: &str) {
    assert_eq!(told(go), expected, "{case}: {go:?}");
    let (_, params) = sent(go);
    let description = params.text("error_description");
    assert!(description.ends_with(hint), "{case}: {description}");
}

/// The query of an authorization request; later pairs replace earlier ones, an empty value takes
/// the parameter away.
fn query(client: &TestClient, changes: &[(&str, &str)]) -> String {
    let mut params = Params::from_iter([
        ("client_id", client.id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", client.redirect_uri.as_str()),
        ("scope", "openid"),
        ("state", "state-0123456789"),
    ]);
    for (name, value) in changes {
        params.remove(name);
        if !value.is_empty() {
            params.add(*name, *value);
        }
    }
    params.encode_sorted()
}

/// Goes through login and consent as far as the server lets the browser.
async fn walk(robot: &mut Robot, query: &str, login: AcceptLogin, consent: AcceptConsent) -> Go {
    let go = robot.visit(query).await;
    if sent(&go).0 != "login" {
        return go;
    }
    let back = robot.log_in_as(&go, login).await;
    let go = robot.visit(&back).await;
    if sent(&go).0 != "consent" {
        return go;
    }
    let back = robot.consent_as(&go, consent).await;
    robot.visit(&back).await
}

fn login(user: &str) -> AcceptLogin {
    AcceptLogin {
        subject: user.into(),
        ..AcceptLogin::default()
    }
}

fn remembered_login(user: &str) -> AcceptLogin {
    AcceptLogin {
        remember: true,
        ..login(user)
    }
}

fn consent(scope: &str) -> AcceptConsent {
    AcceptConsent {
        grant_scope: words(scope),
        ..AcceptConsent::default()
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Lets a client ask for every response type.
fn any_response_type(client: &mut Client) {
    client.response_types = [
        "code",
        "token",
        "id_token",
        "id_token token",
        "code id_token",
        "code token",
        "code id_token token",
    ]
    .map(str::to_owned)
    .to_vec();
}

fn public(client: &mut Client) {
    client.token_endpoint_auth_method = "none".into();
}

/// Status, name and description of a JSON error, in one line.
fn line(error: &OAuthError) -> String {
    format!(
        "{} {} {}",
        error.status(),
        error.name(),
        error.description(false)
    )
}

/// The claims of a token, whoever signed it.
fn claims(token: &str) -> serde_json::Value {
    crypto::peek(token).expect("a JWT").claims
}
