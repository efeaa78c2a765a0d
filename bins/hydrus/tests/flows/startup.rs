//! A configuration that cannot work ends the start with one message that says where, what, and
//! what would be right.

use std::net::{Ipv4Addr, TcpListener};

use serde_json::{Value, json};

use crate::process::{code, hydrus, run};
use crate::site::{Folder, free_port};

/// A configuration that works, in memory.
fn good() -> Value {
    json!({
        "dsn": "memory",
        "serve": {
            "public": { "host": "127.0.0.1", "port": free_port() },
            "admin": { "host": "127.0.0.1", "port": free_port() },
        },
        "urls": { "self": { "issuer": "http://127.0.0.1:4444/" } },
        "secrets": { "system": ["a-system-secret-for-tests-only"] },
    })
}

/// Runs the executable, which is to end with this status and with these words on standard error.
#[track_caller]
fn check_run(args: &[&str], environment: &[(&str, &str)], status: i32, words: &[&str]) {
    let mut command = hydrus(args.iter().copied());
    let output = run(command.envs(environment.iter().copied()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(code(output.status), status, "{args:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in\n{said}");
    }
    assert!(said.lines().count() <= 8, "one message is enough:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(!out.contains("is ready"), "{out}");
}

/// The same for `serve all --dev` on a configuration file.
#[track_caller]
fn check(name: &str, text: &str, status: i32, words: &[&str]) {
    let folder = Folder::new();
    let file = folder.write(name, text);
    check_run(&["serve", "all", "--dev", "-c", &file], &[], status, words);
}

/// The same with one thing changed in a good configuration; the file is named.
#[track_caller]
fn check_changed(path: &str, value: Value, status: i32, words: &[&str]) {
    let mut settings = good();
    *settings.pointer_mut(path).unwrap() = value;
    let folder = Folder::new();
    let file = folder.write("hydrus.json", &settings.to_string());
    let words = [words, &[file.as_str()]].concat();
    check_run(&["serve", "all", "--dev", "-c", &file], &[], status, &words);
}

#[test]
fn keys_and_values_that_are_not_allowed_are_named_with_file_and_remedy() {
    let public = json!({ "port": 4444, "hosts": "127.0.0.1" });
    for (path, value, words) in [
        (
            "/serve/public",
            public,
            ["serve.public", "\"hosts\" not allowed", "`host` perhaps"],
        ),
        (
            "/serve/public/port",
            json!("4444"),
            [
                "serve.public.port: 4444",
                "expected integer, but got string",
                "1 to 65535",
            ],
        ),
        (
            "/serve/admin/port",
            json!(70_000),
            [
                "serve.admin.port: 70000",
                "must be <= 65535 but found 70000",
                "1 to 65535",
            ],
        ),
        (
            "/urls/self/issuer",
            json!("no url"),
            ["urls.self.issuer", "no url", "is not valid \"uri\""],
        ),
        (
            "/serve",
            json!([]),
            ["serve", "expected object, but got array", "a section"],
        ),
    ] {
        check_changed(path, value, 255, &words);
    }
}

#[test]
fn a_secret_is_not_repeated_in_the_complaint_about_it() {
    let mut settings = good();
    settings["secrets"]["system"] = json!(["too-short-0815"]);
    let folder = Folder::new();
    let file = folder.write("hydrus.json", &settings.to_string());
    let output = run(&mut hydrus(["serve", "all", "--dev", "-c", &file]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(code(output.status), 255);
    assert!(said.contains("secrets.system"), "{said}");
    assert!(!said.contains("0815"), "{said}");
}

#[test]
fn every_finding_is_said_at_once() {
    let mut settings = good();
    settings["dsns"] = json!("memory");
    settings["log"] = json!({ "level": "loud" });
    let words = ["\"dsns\" not allowed", "`dsn` perhaps", "log.level: loud"];
    let folder = Folder::new();
    let file = folder.write("hydrus.json", &settings.to_string());
    let output = run(&mut hydrus(["serve", "all", "--dev", "-c", &file]));
    let said = String::from_utf8_lossy(&output.stderr);
    for word in words {
        assert!(said.contains(word), "{word:?} is not in\n{said}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let unable = "Unable to instantiate configuration.";
    for (name, text, words) in [
        ("hydrus.json", "{\"dsn\": ", ["hydrus.json", unable]),
        ("hydrus.yaml", "dsn: [memory\n", ["hydrus.yaml", unable]),
        ("hydrus.yml", "a: 1\na: 2\n", ["hydrus.yml", unable]),
        ("hydrus.toml", "dsn = memory", ["hydrus.toml", unable]),
        ("hydrus.yaml", "- dsn\n", ["hydrus.yaml", unable]),
        (
            "hydrus.conf",
            "dsn: memory\n",
            ["hydrus.conf", "unknown config file extension: .conf"],
        ),
    ] {
        check(name, text, 255, &words);
    }
    let folder = Folder::new();
    let missing = folder.path().join("nowhere.yaml").display().to_string();
    let words = [missing.as_str(), "no such file or directory"];
    check_run(&["serve", "all", "-c", &missing], &[], 255, &words);
    let directory = folder.path().join("folder.yaml");
    std::fs::create_dir(&directory).unwrap();
    let directory = directory.display().to_string();
    check_run(&["serve", "all", "-c", &directory], &[], 255, &[&directory]);
}

#[test]
fn a_data_source_name_is_needed_and_has_to_be_a_known_one() {
    check_changed(
        "/dsn",
        json!("oracle://scott:tiger@db/hydra"),
        255,
        &[
            "dsn value requested an unknown driver",
            "oracle",
            "sqlite, postgres",
        ],
    );
    let mut settings = good();
    settings.as_object_mut().unwrap().remove("dsn");
    let words = ["dsn must be set", "DSN", "sqlite://"];
    check("hydrus.json", &settings.to_string(), 1, &words);
    settings["dsn"] = json!("");
    check("hydrus.json", &settings.to_string(), 1, &words);
}

#[test]
fn a_plain_issuer_needs_development_mode() {
    let folder = Folder::new();
    let file = folder.write("hydrus.json", &good().to_string());
    let words = [
        "urls.self.issuer",
        "http://127.0.0.1:4444/",
        "issuer URL scheme must be HTTPS unless development mode is enabled",
        "--dev",
        &file,
    ];
    check_run(&["serve", "all", "-c", &file], &[], 255, &words);
}

#[test]
fn a_database_without_tables_says_how_to_make_them() {
    let folder = Folder::new();
    let database = folder.path().join("db.sqlite");
    let mut settings = good();
    settings["dsn"] = json!(format!("sqlite://{}?_fk=true", database.display()));
    let words = ["Unable to locate the table", "hydrus migrate sql"];
    check("hydrus.json", &settings.to_string(), 255, &words);
}

#[test]
fn a_database_that_cannot_be_opened_is_no_panic() {
    let folder = Folder::new();
    let nowhere = folder.path().join("no/such/folder/db.sqlite");
    let port = free_port();
    for dsn in [
        format!("sqlite://{}", nowhere.display()),
        format!("postgres://u:hunter2@127.0.0.1:{port}/db?sslmode=disable"),
    ] {
        let file = folder.write("hydrus.json", &good().to_string());
        let environment = [("DSN", dsn.as_str())];
        let args = ["serve", "all", "--dev", "-c", &file];
        let output = run(hydrus(args).envs(environment));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!([1, 255].contains(&code(output.status)), "{dsn}: {said}");
        assert!(said.contains("dsn"), "{dsn}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_taken_port_is_named() {
    for (path, name) in [
        ("/serve/public/port", "serve.public"),
        ("/serve/admin/port", "serve.admin"),
    ] {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut settings = good();
        *settings.pointer_mut(path).unwrap() = port.into();
        let address = format!("127.0.0.1:{port}");
        let words = [name, address.as_str()];
        check("hydrus.json", &settings.to_string(), 1, &words);
    }
}

#[test]
fn a_variable_that_does_not_fit_is_named() {
    let folder = Folder::new();
    let file = folder.write("hydrus.json", &good().to_string());
    let environment = [("SERVE_PUBLIC_PORT", "tcp://10.0.0.1:80")];
    let words = ["serve.public.port: 0", "variable SERVE_PUBLIC_PORT"];
    check_run(
        &["serve", "all", "--dev", "-c", &file],
        &environment,
        255,
        &words,
    );
}

#[test]
fn what_the_command_line_does_not_know_is_said() {
    check_run(&["serve", "all", "--fast"], &[], 255, &["--fast"]);
    check_run(&["serve", "nope"], &[], 255, &["nope"]);
    check_run(&["perform-miracles"], &[], 255, &["perform-miracles"]);
}
