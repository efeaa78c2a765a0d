//! URLs with all their fallbacks.
#![expect(
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests, where clippy knows only the tests themselves"
)]

use config::{Settings, Urls};
use serde_json::{Value, json};

fn urls(dev: bool, urls: Value, serve: Value, discovery: Value) -> Urls {
    Settings::from_value(json!({
        "dsn": "memory", "dev": dev, "urls": urls, "serve": serve,
        "webfinger": {"oidc_discovery": discovery},
    }))
    .unwrap_or_else(|error| panic!("{error}"))
    .urls
}

#[test]
fn without_any_url_the_listeners_are_named() {
    for (dev, serve, issuer, admin) in [
        (
            false,
            json!({}),
            "https://localhost:4444/",
            "https://localhost:4445/",
        ),
        (
            true,
            json!({}),
            "http://localhost:4444/",
            "http://localhost:4445/",
        ),
        (
            true,
            json!({"tls": {"enabled": true}}),
            "https://localhost:4444/",
            "https://localhost:4445/",
        ),
        (
            true,
            json!({"public": {"host": "127.0.0.1", "port": 1}, "admin": {"host": "::1", "port": 2}}),
            "http://127.0.0.1:1/",
            "http://[::1]:2/",
        ),
        (
            true,
            json!({"public": {"host": "0.0.0.0"}, "admin": {"host": "unix:/run/x"}}),
            "http://localhost:4444/",
            "http://localhost:4445/",
        ),
    ] {
        let urls = urls(dev, json!({}), serve, json!({}));
        assert_eq!(
            (urls.issuer(), urls.public(), urls.admin()),
            (issuer, issuer, admin)
        );
    }
}

#[test]
fn the_issuer_stands_as_written_and_the_public_url_gets_a_path() {
    for (issuer, public) in [
        ("https://id.example", "https://id.example/"),
        ("https://id.example/", "https://id.example/"),
        ("https://id.example/tenant", "https://id.example/tenant"),
    ] {
        let urls = urls(
            false,
            json!({"self": {"issuer": issuer}}),
            json!({}),
            json!({}),
        );
        assert_eq!((urls.issuer(), urls.public()), (issuer, public));
    }
}

#[test]
fn each_endpoint_stands_under_its_base() {
    let urls = urls(
        true,
        json!({"self": {"issuer": "http://issuer.example/tenant", "public": "http://public.example/base/",
                        "admin": "http://admin.example/inner/"}}),
        json!({}),
        json!({}),
    );
    for (url, expected) in [
        (
            urls.auth_url().to_owned(),
            "http://public.example/base/oauth2/auth",
        ),
        (
            urls.token_url().to_owned(),
            "http://public.example/base/oauth2/token",
        ),
        (
            urls.userinfo_url().to_owned(),
            "http://public.example/base/userinfo",
        ),
        (
            urls.jwks_url().to_owned(),
            "http://issuer.example/tenant/.well-known/jwks.json",
        ),
        (
            urls.end_session_url(),
            "http://issuer.example/tenant/oauth2/sessions/logout",
        ),
        (
            urls.revocation_url(),
            "http://issuer.example/tenant/oauth2/revoke",
        ),
        (
            urls.token_audience(),
            "http://public.example/base/oauth2/token",
        ),
        (
            urls.under_public("/oauth2/register/x"),
            "http://public.example/base/oauth2/register/x",
        ),
        (
            urls.under_admin("admin/clients"),
            "http://admin.example/inner/admin/clients",
        ),
        (
            urls.login().to_owned(),
            "http://public.example/base/oauth2/fallbacks/login",
        ),
        (
            urls.consent().to_owned(),
            "http://public.example/base/oauth2/fallbacks/consent",
        ),
        (
            urls.logout().to_owned(),
            "http://public.example/base/oauth2/fallbacks/logout",
        ),
        (
            urls.error().to_owned(),
            "http://public.example/base/oauth2/fallbacks/error",
        ),
        (
            urls.post_logout_redirect().to_owned(),
            "http://public.example/base/oauth2/fallbacks/logout/callback",
        ),
    ] {
        assert_eq!(url, expected);
    }
    assert_eq!(urls.client_registration_url(), None);
}

#[test]
fn pages_are_taken_as_written_where_they_are_usable() {
    type Pick = fn(&Urls) -> &str;
    for (key, given, pick, expected) in [
        (
            "login",
            "/ui/login?theme=dark",
            Urls::login as Pick,
            "/ui/login?theme=dark",
        ),
        ("consent", "ui/consent", Urls::consent, "ui/consent"),
        (
            "login",
            "https://l.example#part",
            Urls::login,
            "https://l.example/#part",
        ),
        (
            "logout",
            "https://l.example/?a=b#frag",
            Urls::logout,
            "https://l.example/?a=b%23frag",
        ),
        ("error", "/error#part", Urls::error, "/error%23part"),
        (
            "error",
            "oops",
            Urls::error,
            "https://i.example/oauth2/fallbacks/error",
        ),
        (
            "post_logout_redirect",
            "https://done.example",
            Urls::post_logout_redirect,
            "https://done.example/",
        ),
    ] {
        let config = json!({"self": {"issuer": "https://i.example"}, key: given});
        assert_eq!(
            pick(&urls(false, config, json!({}), json!({}))),
            expected,
            "{key} {given}"
        );
    }
}

#[test]
fn discovery_shows_overrides_as_written_and_ignores_unusable_ones() {
    let urls = urls(
        false,
        json!({"self": {"issuer": "https://i.example"}}),
        json!({}),
        json!({"jwks_url": "https://cdn.example/keys?v=1", "token_url": "https://tokens.example",
               "auth_url": "keys.json", "userinfo_url": "/relative/userinfo",
               "client_registration_url": "https://r.example/clients"}),
    );
    assert_eq!(urls.jwks_url(), "https://cdn.example/keys?v=1");
    assert_eq!(urls.token_url(), "https://tokens.example");
    assert_eq!(urls.auth_url(), "https://i.example/oauth2/auth");
    assert_eq!(urls.userinfo_url(), "/relative/userinfo");
    assert_eq!(
        urls.client_registration_url(),
        Some("https://r.example/clients")
    );
    assert_eq!(urls.token_audience(), "https://i.example/oauth2/token");
}
