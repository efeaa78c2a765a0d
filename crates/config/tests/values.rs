//! What is configured, and what the settings then say.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests, where clippy knows only the tests themselves"
)]

use config::{Listen, Settings, TlsPair};
use serde_json::{Value, json};

mod support;

fn check(
    name: &str,
    yaml: &str,
    variables: &[(&str, &str)],
    pick: fn(&Settings) -> Value,
    is: Value,
) {
    let file = support::file(
        &format!("values-{name}.yaml"),
        &format!("dsn: memory\n{yaml}"),
    );
    let settings = support::load(&[file], variables).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(pick(&settings), is, "{name}");
}

#[test]
fn every_default_is_that_of_hydra() {
    let s = Settings::from_value(json!({"dsn": "memory"})).expect("valid");
    assert_eq!((s.serve.public.port, s.serve.admin.port), (4444, 4445));
    assert_eq!(s.serve.public.socket.mode, 0o755);
    assert_eq!(s.serve.public.cors.allowed_methods.len(), 9);
    assert_eq!(s.serve.public.cors.allowed_headers.len(), 6);
    assert!(s.serve.admin.cors.allow_credentials && !s.serve.admin.cors.enabled);
    assert_eq!(s.serve.cookies.session, "ory_hydra_session");
    assert!(s.serve.cookies.secure && !s.dev);
    assert_eq!(s.ttl.login_consent_request.as_secs(), 1800);
    assert_eq!(s.ttl.access_token.as_secs(), 3600);
    assert_eq!(
        s.ttl.refresh_token.map(oauth_types::Duration::as_secs),
        Some(2_592_000)
    );
    assert_eq!(s.ttl.auth_code.as_secs(), 600);
    assert!(s.oauth2.encrypt_session_at_rest && !s.oauth2.pkce.enforced);
    assert_eq!(s.oauth2.hashers.pbkdf2_iterations, 25_000);
    assert_eq!(s.oauth2.jwt_grant.max_ttl.as_secs(), 2_592_000);
    assert_eq!(s.oauth2.refresh_token_repeat_window.as_nanos(), 0);
    assert_eq!(
        s.oidc.default_scope,
        ["offline_access", "offline", "openid"]
    );
    assert_eq!(s.webfinger.broadcast_keys, ["hydra.openid.id-token"]);
    assert_eq!(s.webfinger.supported_claims, ["sub"]);
    assert_eq!(s.log.level.as_str(), "info");
    assert!(
        s.log
            .redaction_text
            .starts_with("Value is sensitive and has been redacted.")
    );
    assert_eq!(s.hydrus.rsa_bits, 4096);
    assert_eq!(s.tracing.service_name, "Ory Hydra");
}

#[test]
fn values_of_files_and_variables_arrive() {
    check(
        "ttl",
        "ttl: {access_token: 1h30m15s250ms}",
        &[],
        |s| json!(s.ttl.access_token.as_nanos()),
        json!(5_415_250_000_000_i64),
    );
    check(
        "never",
        "ttl: {refresh_token: -1}",
        &[],
        |s| json!(s.ttl.refresh_token.is_none()),
        json!(true),
    );
    check(
        "never-text",
        "ttl: {refresh_token: '-1'}",
        &[],
        |s| json!(s.ttl.refresh_token.is_none()),
        json!(true),
    );
    check(
        "never-variable",
        "",
        &[("TTL_REFRESH_TOKEN", "-1")],
        |s| json!(s.ttl.refresh_token.is_none()),
        json!(true),
    );
    check(
        "mode",
        "serve: {public: {socket: {mode: 0770}}}",
        &[],
        |s| json!(s.serve.public.socket.mode),
        json!(0o770),
    );
    check(
        "pkce",
        "oauth2: {pkce: {enforced_for_public_clients: true}}",
        &[],
        |s| {
            json!([
                s.oauth2.pkce.enforced,
                s.oauth2.pkce.enforced_for_public_clients
            ])
        },
        json!([false, true]),
    );
    check(
        "garbage",
        "",
        &[("OAUTH2_PKCE_ENFORCED", "nonsense")],
        |s| json!(s.oauth2.pkce.enforced),
        json!(false),
    );
    check(
        "window",
        "oauth2: {refresh_token: {repeat_window: 10s}}",
        &[],
        |s| json!(s.oauth2.refresh_token_repeat_window.as_secs()),
        json!(10),
    );
    check(
        "bits",
        "",
        &[("HYDRUS_KEYS_RSA_BITS", "2048")],
        |s| json!(s.hydrus.rsa_bits),
        json!(2048),
    );
    check(
        "secrets",
        "",
        &[(
            "SECRETS_SYSTEM",
            "first-secret-0123456789,second-secret-0123456789",
        )],
        |s| json!(s.secrets.system[1].expose()),
        json!("second-secret-0123456789"),
    );
    check(
        "jwt-keys",
        "strategies: {access_token: jwt}\nwebfinger: {jwks: {broadcast_keys: [x, x]}}",
        &[],
        |s| json!(s.webfinger.broadcast_keys),
        json!(["x", "hydra.jwt.access-token", "hydra.openid.id-token"]),
    );
    check(
        "scope",
        "oidc: {dynamic_client_registration: {default_scope: [a, a]}}",
        &[],
        |s| json!(s.oidc.default_scope),
        json!(["a", "a"]),
    );
}

#[test]
fn a_variable_overlays_a_list_from_the_left() {
    let three = "webfinger: {oidc_discovery: {supported_claims: [one, two, three]}}";
    let claims: fn(&Settings) -> Value = |s| json!(s.webfinger.supported_claims);
    const NAME: &str = "WEBFINGER_OIDC_DISCOVERY_SUPPORTED_CLAIMS";
    check(
        "overlay",
        three,
        &[(NAME, "uno")],
        claims,
        json!(["sub", "uno", "two", "three"]),
    );
    check(
        "empty",
        three,
        &[(NAME, "[]")],
        claims,
        json!(["sub", "one", "two", "three"]),
    );
    check(
        "quotes",
        "",
        &[(NAME, "\"a, b\",c")],
        claims,
        json!(["sub", "a, b", "c"]),
    );
    check(
        "blanks",
        "",
        &[(NAME, "a, b ,,c")],
        claims,
        json!(["sub", "a", " b ", "", "c"]),
    );
    check(
        "json",
        "",
        &[(NAME, "[\"email\",\"a b\"]")],
        claims,
        json!(["sub", "email", "a b"]),
    );
    check(
        "index",
        "webfinger: {oidc_discovery: {supported_scope: [s1, s2]}}",
        &[("WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE_0", "zwei")],
        |s| json!(s.webfinger.supported_scope),
        json!(["offline_access", "offline", "openid", "zwei", "s2"]),
    );
    check(
        "default",
        "",
        &[("SERVE_PUBLIC_CORS_ALLOWED_METHODS", "GET,POST")],
        |s| json!(s.serve.public.cors.allowed_methods.len()),
        json!(9),
    );
    check(
        "object",
        "",
        &[(
            "WEBFINGER",
            r#"{"oidc_discovery":{"supported_claims":["deep"],"userinfo_url":"https://u.example/"}}"#,
        )],
        |s| json!([s.webfinger.supported_claims, s.urls.userinfo_url()]),
        json!([["sub", "deep"], "https://u.example/"]),
    );
    check(
        "no-trace",
        "",
        &[("STRATEGIES", r#"{"jwt":{}}"#)],
        |s| json!(s.dev),
        json!(false),
    );
}

#[test]
fn listeners_are_addresses_or_sockets() {
    let listen = |host: &str| {
        let value = json!({"dsn": "memory", "serve": {"public": {"host": host}}});
        Settings::from_value(value)
            .expect("valid")
            .serve
            .public
            .listen()
    };
    let tcp = |host: &str| Listen::Tcp {
        host: host.to_owned(),
        port: 4444,
    };
    assert_eq!(listen(""), tcp(""));
    assert_eq!(listen("127.0.0.1"), tcp("127.0.0.1"));
    assert_eq!(listen("[::1]"), tcp("::1"));
    assert_eq!(
        listen("unix:/run/x.sock"),
        Listen::Unix("/run/x.sock".into())
    );
}

#[test]
fn tls_of_an_interface_falls_back_key_by_key() {
    let tls = |serve: Value| {
        let value = json!({"dsn": "memory", "serve": serve});
        Settings::from_value(value).unwrap_or_else(|error| panic!("{error}"))
    };
    let shared = json!({"enabled": true, "cert": {"path": "c"}, "key": {"path": "k"}});
    let settings = tls(json!({"tls": shared, "admin": {"tls": {"enabled": false}}}));
    assert!(settings.serve.public.tls.enabled && !settings.serve.admin.tls.enabled);
    let settings = tls(json!({"tls": shared, "public": {"tls": {"cert": {"path": "own"}}}}));
    match &settings.serve.public.tls.pair {
        TlsPair::Files { cert, key } => {
            assert_eq!((cert.to_str(), key.to_str()), (Some("own"), Some("k")));
        }
        other => panic!("{other:?}"),
    }
    let half = tls(json!({"public": {"tls": {"enabled": true, "cert": {"path": "c"}}}}));
    assert!(matches!(half.serve.public.tls.pair, TlsPair::SelfSigned));
    assert!(
        half.warnings
            .iter()
            .any(|text| text.contains("serve.public.tls"))
    );
    assert!(settings.warnings.iter().all(|text| !text.contains("tls")));
}

#[test]
fn development_mode_changes_the_cookies() {
    let cookies = |dev: bool| {
        let cookies = json!({"same_site_legacy_workaround": true});
        let value = json!({"dsn": "memory", "dev": dev, "serve": {"cookies": cookies}});
        let c = Settings::from_value(value).expect("valid").serve.cookies;
        (c.session, c.secure, c.same_site.as_str(), c.legacy_copies)
    };
    assert_eq!(
        cookies(false),
        ("ory_hydra_session".into(), true, "None", true)
    );
    assert_eq!(
        cookies(true),
        ("ory_hydra_session_dev".into(), false, "Lax", false)
    );
}

#[test]
fn pairwise_does_not_go_with_jwt() {
    let types = |types: Value, strategy: &str| {
        let value = json!({
            "dsn": "memory",
            "oidc": {"subject_identifiers": {"supported_types": types, "pairwise": {"salt": "12345678"}}},
            "strategies": {"access_token": strategy},
        });
        let settings = Settings::from_value(value).expect("valid");
        let types: Vec<&str> = settings
            .oidc
            .supported_types
            .iter()
            .map(|t| t.as_str())
            .collect();
        (
            types.join(" "),
            settings
                .warnings
                .iter()
                .any(|text| text.contains("pairwise")),
        )
    };
    assert_eq!(
        types(json!(["pairwise", "public"]), "opaque"),
        ("pairwise public".into(), false)
    );
    assert_eq!(
        types(json!(["pairwise", "public"]), "jwt"),
        ("public".into(), true)
    );
    assert_eq!(types(json!(["pairwise"]), "jwt"), ("public".into(), true));
}

#[test]
fn debug_shows_no_secret() {
    let settings = Settings::from_value(json!({
        "dsn": "postgres://user:hidden@h/d",
        "secrets": {"system": ["hidden-hidden-hidden"], "cookie": ["hidden-hidden-hidden"]},
        "oidc": {"subject_identifiers": {"pairwise": {"salt": "hidden"}}},
        "serve": {"tls": {"cert": {"base64": "eA=="}, "key": {"base64": "hidden"}}},
    }))
    .expect("valid");
    assert!(!format!("{settings:?}").contains("hidden"));
}
