//! Which layer wins, and which files are read.
#![expect(
    clippy::expect_used,
    reason = "helpers of tests, where clippy knows only the tests themselves"
)]

use config::Flags;
use oauth_types::Secret;

mod support;

#[test]
fn the_later_layer_wins() {
    let first = support::file(
        "layers-1.yaml",
        "dsn: memory\nttl: {id_token: 1m, access_token: 1m, auth_code: 1m}\n\
         secrets: {system: [aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb]}\n",
    );
    let second = support::file(
        "layers-2.toml",
        "[ttl]\naccess_token = \"2m\"\nauth_code = \"2m\"\n[secrets]\nsystem = [\"cccccccccccccccc\"]\n",
    );
    let third = support::file("layers-3.json", r#"{"ttl": {"auth_code": "3m"}}"#);
    let variables = [("TTL_LOGIN_CONSENT_REQUEST", "4m")];
    let settings = support::load(&[first, second, third], &variables).expect("valid");
    let ttl = &settings.ttl;
    let seconds = [
        ttl.id_token,
        ttl.access_token,
        ttl.auth_code,
        ttl.login_consent_request,
    ]
    .map(oauth_types::Duration::as_secs);
    assert_eq!(seconds, [60, 120, 180, 240]);
    assert_eq!(
        settings.secrets.system.len(),
        1,
        "lists of files are replaced, not merged"
    );
}

#[test]
fn development_mode_comes_from_file_flag_or_variable() {
    let on = support::file("layers-dev.yaml", "dsn: memory\ndev: true\n");
    let off = support::file("layers-nodev.yaml", "dsn: memory\ndev: false\n");
    for (file, flag, variable, dev) in [
        (&on, false, None, true),
        (&off, false, None, false),
        (&off, true, None, true),
        (&off, false, Some("true"), true),
        (&off, false, Some("1"), true),
        (&on, true, Some("false"), false),
    ] {
        let flags = Flags {
            dev: flag,
            dsn: None,
        };
        let variables: Vec<(&str, &str)> = variable.map(|text| ("DEV", text)).into_iter().collect();
        let settings = support::load_with(std::slice::from_ref(file), &variables, &flags);
        assert_eq!(
            settings.expect("valid").dev,
            dev,
            "{file:?} {flag} {variable:?}"
        );
    }
}

#[test]
fn the_dsn_of_an_argument_beats_everything() {
    let flags = Flags {
        dev: false,
        dsn: Some(Secret::new("mysql://a")),
    };
    let settings = support::load_with(&[], &[("DSN", "memory")], &flags).expect("valid");
    assert_eq!(settings.dsn.expose(), "mysql://a");
}

#[test]
fn without_validation_wrong_values_count_as_defaults() {
    let file = support::file(
        "layers-wrong.yaml",
        "serve: {public: {port: x}}\nunknown: 1\nlog: []\n",
    );
    let settings = config::load(&[file], std::iter::empty(), &Flags::default(), false);
    let settings = settings.expect("not validated");
    assert_eq!(settings.serve.public.port, 4444);
    assert_eq!(settings.log.level.as_str(), "info");
    assert!(settings.dsn.is_empty());
}

#[test]
fn files_are_refused_with_their_cause() {
    for (name, text, parts) in [
        (
            "files-1.conf",
            "dsn: memory",
            "unknown config file extension: .conf",
        ),
        ("files-2", "dsn: memory", "unknown config file extension"),
        (
            "files-3.YAML",
            "dsn: memory",
            "unknown config file extension: .YAML",
        ),
        ("files-4.json", "{", "line 1"),
        ("files-5.yaml", "a: [", "line "),
        ("files-6.json", "[]", "not a mapping"),
        ("files-7.yaml", "- a\n", "not a mapping"),
        (
            "files-8.yaml",
            "dsn: memory\ndsn: memory\n",
            "`dsn` stands twice (line 2)",
        ),
        (
            "files-9.toml",
            "dsn = \"memory\"\ndsn = \"memory\"\n",
            "(line 2)",
        ),
    ] {
        let path = support::file(name, text);
        let error = support::load(&[path], &[]).expect_err(name);
        let said = error.to_string();
        assert!(said.contains(parts), "{name}: {said}");
        assert!(
            said.contains(name) && said.contains("Unable to instantiate configuration."),
            "{said}"
        );
        assert_eq!(error.exit_status(), 255);
    }
    let error = support::load(&["/nonexistent/file.yaml".into()], &[]).expect_err("missing");
    assert!(
        error
            .to_string()
            .contains("/nonexistent/file.yaml: no such file or directory")
    );
}

#[test]
fn a_broken_file_is_not_quoted() {
    let path = support::file("files-secret.toml", "dsn = \"hidden\n");
    let error = support::load(&[path], &[]).expect_err("broken");
    assert!(!error.to_string().contains("hidden\n") && !error.to_string().contains("= \"hidden"));
}

#[test]
fn an_empty_file_is_an_empty_configuration() {
    let path = support::file("files-empty.yaml", "");
    let error = support::load(&[path], &[]).expect_err("no dsn");
    assert!(error.to_string().contains("dsn must be set"));
    assert_eq!(error.exit_status(), 1);
}
