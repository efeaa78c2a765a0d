//! What is refused, and what is then said.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "helpers of tests, where clippy knows only the tests themselves"
)]

use config::{ConfigError, Settings};
use serde_json::{Value, json};

mod support;

/// The good configuration with a value put at a dotted path.
fn put(path: &str, value: Value) -> Value {
    let mut config = json!({
        "dsn": "memory", "log": {"level": "error"},
        "urls": {"self": {"issuer": "https://id.example"}},
        "secrets": {"system": ["parity-system-secret-0123456789"]},
    });
    let mut at = &mut config;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = value;
    config
}

/// The findings as `key: message`.
fn findings(result: Result<Settings, ConfigError>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(ConfigError::Invalid(found)) => found
            .iter()
            .map(|f| format!("{}: {}", f.path, f.message))
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

fn check(path: &str, value: Value, expected: &str) {
    let found = findings(Settings::from_value(put(path, value.clone())));
    let expected: Vec<&str> = (!expected.is_empty())
        .then_some(expected)
        .into_iter()
        .collect();
    assert_eq!(found, expected, "{path} {value}");
}

#[test]
fn unknown_keys_are_refused_but_where_they_are_tolerated() {
    check(
        "unknown",
        json!(1),
        "(root): additionalProperties \"unknown\" not allowed",
    );
    check(
        "serve.unknown",
        json!(1),
        "serve: additionalProperties \"unknown\" not allowed",
    );
    check(
        "serve.public.unknown",
        json!(1),
        "serve.public: additionalProperties \"unknown\" not allowed",
    );
    check(
        "ttl",
        json!({"a": 1, "b": 2}),
        "ttl: additionalProperties \"a\", \"b\" not allowed",
    );
    for path in [
        "sqa.x",
        "serve.tls.x",
        "serve.cookies.names.x",
        "oauth2.session.x",
    ] {
        check(path, json!(1), "");
    }
}

#[test]
fn keys_of_later_versions_are_unknown() {
    check(
        "oauth2.token_hook",
        json!("x"),
        "oauth2: additionalProperties \"token_hook\" not allowed",
    );
    check(
        "oauth2.refresh_token_hook",
        json!({"url": "x"}),
        "oauth2.refresh_token_hook: expected string, but got object",
    );
    check(
        "strategies.jwt",
        json!({"scope_claim": "both"}),
        "strategies: additionalProperties \"jwt\" not allowed",
    );
    check(
        "serve.cookies.paths",
        json!({}),
        "serve.cookies: additionalProperties \"paths\" not allowed",
    );
    check(
        "urls.registration",
        json!("x"),
        "urls: additionalProperties \"registration\" not allowed",
    );
    check(
        "oauth2.grant.refresh_token",
        json!({}),
        "oauth2.grant: additionalProperties \"refresh_token\" not allowed",
    );
    check(
        "clients.http.private_ip_exception_urls",
        json!([]),
        "clients.http: additionalProperties \"private_ip_exception_urls\" not allowed",
    );
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    check(
        "serve.public.port",
        json!("4444"),
        "serve.public.port: expected integer, but got string",
    );
    check(
        "serve.public.port",
        json!(4444.5),
        "serve.public.port: expected integer, but got number",
    );
    check(
        "oauth2.expose_internal_errors",
        json!("true"),
        "oauth2.expose_internal_errors: expected boolean, but got string",
    );
    check(
        "secrets.system",
        json!("x"),
        "secrets.system: expected array, but got string",
    );
    check(
        "urls.login",
        json!(1),
        "urls.login: expected string, but got number",
    );
    check("ttl", json!([]), "ttl: expected object, but got array");
    check(
        "oauth2.pkce",
        json!({"enforced": null}),
        "oauth2.pkce.enforced: expected boolean, but got null",
    );
    check("dsn", json!(1), "dsn: expected string, but got number");
    check(
        "ttl.access_token",
        json!(10),
        "ttl.access_token: expected string, but got number",
    );
}

#[test]
fn values_out_of_range_are_refused() {
    check(
        "serve.public.port",
        json!(65536),
        "serve.public.port: must be <= 65535 but found 65536",
    );
    check(
        "serve.admin.port",
        json!(0),
        "serve.admin.port: must be >= 1 but found 0",
    );
    check(
        "oauth2.hashers.bcrypt.cost",
        json!(3),
        "oauth2.hashers.bcrypt.cost: must be >= 4 but found 3",
    );
    check(
        "oauth2.hashers.bcrypt.cost",
        json!(32),
        "oauth2.hashers.bcrypt.cost: must be <= 31 but found 32",
    );
    check(
        "oauth2.hashers.pbkdf2.iterations",
        json!(0),
        "oauth2.hashers.pbkdf2.iterations: must be >= 1 but found 0",
    );
    check(
        "serve.public.cors.max_age",
        json!(-1),
        "serve.public.cors.max_age: must be >= 0 but found -1",
    );
    check(
        "serve.public.socket.mode",
        json!(770),
        "serve.public.socket.mode: must be <= 511 but found 770",
    );
    check(
        "secrets.system",
        json!(["parity-system-secret-0123456789", "too short"]),
        "secrets.system.1: length must be >= 16, but got 9",
    );
    check("secrets.cookie", json!(["sixteen letters!"]), "");
    check(
        "hydrus.keys.rsa_bits",
        json!(1024),
        "hydrus.keys.rsa_bits: value must be one of 2048, 3072, 4096",
    );
}

#[test]
fn words_off_the_list_are_refused() {
    check(
        "log.level",
        json!("loud"),
        "log.level: value must be one of \"panic\", \"fatal\", \"error\", \"warn\", \"info\", \"debug\", \"trace\"",
    );
    check(
        "log.format",
        json!("gelf"),
        "log.format: value must be one of \"json\", \"json_pretty\", \"text\"",
    );
    check(
        "serve.cookies.same_site_mode",
        json!("lax"),
        "serve.cookies.same_site_mode: value must be one of \"Strict\", \"Lax\", \"None\"",
    );
    check(
        "strategies.scope",
        json!("hierarchic"),
        "strategies.scope: value must be one of \"exact\", \"wildcard\"",
    );
    check(
        "strategies.access_token",
        json!("JWT"),
        "strategies.access_token: value must be one of \"opaque\", \"jwt\"",
    );
    check(
        "oidc.subject_identifiers.supported_types",
        json!(["private"]),
        "oidc.subject_identifiers.supported_types.0: value must be one of \"public\", \"pairwise\"",
    );
    check(
        "oauth2.hashers.algorithm",
        json!("argon2"),
        "oauth2.hashers.algorithm: value must be one of \"pbkdf2\", \"bcrypt\"",
    );
    check(
        "serve.public.cors.allowed_methods",
        json!(["get"]),
        "serve.public.cors.allowed_methods.0: value must be one of \"POST\", \"GET\", \"PUT\", \"PATCH\", \
         \"DELETE\", \"CONNECT\", \"HEAD\", \"OPTIONS\", \"TRACE\"",
    );
    check(
        "tracing.provider",
        json!("other"),
        "tracing.provider: value must be one of \"jaeger\", \"zipkin\", \"datadog\", \"elastic-apm\", \
         \"instana\", \"otel\"",
    );
    check(
        "profiling",
        json!("block"),
        "profiling: value must be one of \"cpu\", \"mem\"",
    );
}

#[test]
fn values_of_the_wrong_shape_are_refused() {
    const PATTERN: &str = "does not match pattern \"^(\\\\d+(ns|us|ms|s|m|h))+$\"";
    for text in ["1d", "10", "1.5h", "-5m", "", "1 h"] {
        check(
            "ttl.access_token",
            json!(text),
            &format!("ttl.access_token: {PATTERN}"),
        );
    }
    for value in [json!(-2), json!(0), json!("1d")] {
        check(
            "ttl.refresh_token",
            value,
            "ttl.refresh_token: oneOf failed",
        );
    }
    check(
        "urls.self.issuer",
        json!("id.example"),
        "urls.self.issuer: \"id.example\" is not valid \"uri\"",
    );
    check(
        "urls.self.issuer",
        json!(""),
        "urls.self.issuer: \"\" is not valid \"uri\"",
    );
    check(
        "urls.login",
        json!("http://login .example"),
        "urls.login: \"http://login .example\" is not valid \"uri-reference\"",
    );
    check("urls.login", json!("login"), "");
    check(
        "oauth2.refresh_token_hook",
        json!("/hook"),
        "oauth2.refresh_token_hook: \"/hook\" is not valid \"uri\"",
    );
    check(
        "webfinger.oidc_discovery.token_url",
        json!("http://[::1"),
        "webfinger.oidc_discovery.token_url: \"http://[::1\" is not valid \"uri-reference\"",
    );
    check(
        "serve.public.cors.allowed_origins",
        json!(["app.example"]),
        "serve.public.cors.allowed_origins.0: anyOf failed",
    );
    check(
        "serve.public.cors.allowed_origins",
        json!(["https://a.example", "https://a.example"]),
        "serve.public.cors.allowed_origins: items at index 0 and 1 are equal",
    );
    check(
        "serve.public.cors.allowed_origins",
        json!(["*", "https://a.example"]),
        "",
    );
    check(
        "serve.public.tls.allow_termination_from",
        json!(["127.0.0.1"]),
        "serve.public.tls.allow_termination_from.0: anyOf failed",
    );
    check(
        "serve.public.tls",
        json!({"cert": {"path": "a", "base64": "b"}}),
        "serve.public.tls.cert: oneOf failed",
    );
    check(
        "serve.public.tls",
        json!({"cert": {}}),
        "serve.public.tls.cert: oneOf failed",
    );
    check("version", json!("v2.0.3"), "");
    check(
        "tracing.providers.jaeger.local_agent_address",
        json!("localhost:6831"),
        "",
    );
}

#[test]
fn pairwise_subjects_need_a_salt() {
    let check = |value: Value, expected: &str| check("oidc.subject_identifiers", value, expected);
    check(
        json!({"supported_types": ["pairwise"]}),
        "oidc.subject_identifiers: if-then failed",
    );
    check(
        json!({"supported_types": ["pairwise"], "pairwise": {}}),
        "oidc.subject_identifiers.pairwise.salt: one or more required properties are missing",
    );
    check(
        json!({"supported_types": ["pairwise"], "pairwise": {"salt": "12345678"}}),
        "",
    );
    check(
        json!({"supported_types": ["public"], "pairwise": {"salt": "1"}}),
        "",
    );
}

#[test]
fn combinations_are_refused_with_the_status_of_hydra() {
    for (path, value, parts, status) in [
        ("dsn", json!(""), "dsn must be set", 1),
        (
            "dsn",
            json!("oracle://localhost/x"),
            "dsn value requested an unknown driver: oracle (from",
            255,
        ),
        (
            "dsn",
            json!("hydra.db"),
            "dsn value requested an unknown driver: it has no scheme",
            255,
        ),
        (
            "urls.self.issuer",
            json!("http://id.example"),
            "urls.self.issuer (http://id.example, from the values given) is refused: issuer URL scheme must be \
             HTTPS unless development mode is enabled",
            255,
        ),
        (
            "oidc.subject_identifiers",
            json!({"supported_types": ["pairwise"], "pairwise": {"salt": "1234567"}}),
            "oidc.subject_identifiers.pairwise.salt (from the values given) has 7 bytes",
            1,
        ),
        ("hsm.enabled", json!(true), "hsm.enabled is true", 255),
    ] {
        let error = Settings::from_value(put(path, value)).expect_err(path);
        assert!(error.to_string().contains(parts), "{error}");
        assert_eq!(error.exit_status(), status, "{error}");
    }
    let dsn =
        Settings::from_value(put("dsn", json!("oracle://user:hidden@h/x"))).expect_err("driver");
    assert!(!format!("{dsn} {dsn:?}").contains("hidden"));
}

#[test]
fn every_combination_that_is_refused_is_named() {
    let mut config = put("urls.self.issuer", json!("http://id.example"));
    config["dsn"] = json!("");
    let error = Settings::from_value(config).expect_err("two reasons");
    assert!(error.to_string().contains("HTTPS") && error.to_string().contains("dsn must be set"));
    assert_eq!(
        error.exit_status(),
        255,
        "that of the first, as Hydra meets it"
    );
}

#[test]
fn variables_break_or_rescue_the_start() {
    let good = support::file(
        "findings-good.json",
        &put("ttl", json!({"access_token": "1d"})).to_string(),
    );
    let rescue = ("TTL_ACCESS_TOKEN", "1h");
    for (variable, expected) in [
        (("DEV", "perhaps"), ""),
        (("SERVE_PUBLIC_UNKNOWN", "x"), ""),
        (("VERSION", "1"), "version: does not match pattern"),
        (("LOG", "/var/log"), "log: expected object, but got null"),
        (
            ("SERVE_PUBLIC_PORT", "tcp://10.0.0.1:80"),
            "serve.public.port: must be >= 1 but found 0",
        ),
        (
            ("SECRETS_SYSTEM", "1234567890123456"),
            "secrets.system: expected array, but got null",
        ),
        (
            ("SECRETS_SYSTEM", "short"),
            "secrets.system.0: length must be >= 16, but got 5",
        ),
        (
            ("SECRETS_COOKIE_1", "sixteen letters!"),
            "secrets.cookie.0: expected string, but got null",
        ),
    ] {
        let found = findings(support::load(
            std::slice::from_ref(&good),
            &[rescue, variable],
        ));
        assert_eq!(
            found.len(),
            usize::from(!expected.is_empty()),
            "{variable:?}: {found:?}"
        );
        assert!(
            found.iter().all(|f| f.starts_with(expected)),
            "{variable:?}: {found:?}"
        );
    }
}

#[test]
fn every_finding_is_named_with_place_value_and_remedy() {
    let yaml = "dsn: memory\nserve:\n  public:\n    port: 70000\n  pubic: {}\nsecrets:\n  sytem: [hidden-hidden-hidden]\n";
    let path = support::file("findings-all.yaml", yaml);
    let error =
        support::load(&[path], &[("LOG", "hidden"), ("TTL_ID_TOKEN", "1d")]).expect_err("findings");
    let said = error.to_string();
    for part in [
        "serve.public.port: 70000\n                   ^-- must be <= 65535 but found 70000\n",
        "findings-all.yaml, line 4. Expected a whole number from 1 to 65535, without quotes.",
        "additionalProperties \"pubic\" not allowed\n",
        "findings-all.yaml, line 5. Expected `public` perhaps; known here: public, admin, tls, cookies.",
        "additionalProperties \"sytem\" not allowed\n",
        "`system` perhaps",
        "log: null\n     ^-- expected object, but got null\n  Found in the environment variable LOG.",
        "the environment variable TTL_ID_TOKEN. Expected a text of whole numbers with units",
    ] {
        assert!(said.contains(part), "{part}\nnot in\n{said}");
    }
    assert_eq!(
        said.matches("The configuration contains values or keys which are invalid:")
            .count(),
        5
    );
    assert!(!said.contains("hidden") && said.ends_with("Unable to instantiate configuration."));
}
