//! `hydrus demo --once`, which is its own browser.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output};

use crate::process::{code, hydrus, run};
use crate::site::{Folder, free_port};

const FOLDERS: &str = "TMPDIR";

/// The demo on free ports; its temporary files go into the folder.
fn demo(folder: &Folder, args: &[&str]) -> Command {
    let ports = [(); 3].map(|()| free_port().to_string());
    let mut command = hydrus(["demo", "--once"]);
    for (name, port) in ["--public-port", "--admin-port", "--app-port"]
        .iter()
        .zip(&ports)
    {
        command.args([name, port.as_str()]);
    }
    command.args(args).env(FOLDERS, folder.path());
    command
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// It walks the whole flow and shows what it got.
#[track_caller]
fn check(output: &Output) {
    let said = out(output);
    assert_eq!(code(output.status), 0, "{said}\n{}", complaint(output));
    for words in [
        "Read the discovery document",
        "Refresh: get new tokens",
        "Log in: be asked for the password again",
        "ID token (verified):",
        "\"sub\": \"user-1815\"",
        "\"active\": true",
    ] {
        assert!(said.contains(words), "{words:?} is not in\n{said}");
    }
    let steps: Vec<&str> = said.lines().filter(|line| line.ends_with(" ms")).collect();
    assert!(steps.len() >= 20, "{said}");
    for (at, line) in steps.iter().enumerate() {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some((at + 1).to_string().as_str()), "{line}");
        let status = words.rev().nth(2).unwrap_or_default();
        assert!(status.parse::<u16>().is_ok(), "no status in {line:?}");
    }
}

#[test]
fn the_demo_walks_its_own_way_in_memory() {
    let folder = Folder::new();
    check(&run(&mut demo(&folder, &["--memory"])));
}

#[test]
fn the_demo_walks_its_own_way_on_sqlite_and_leaves_nothing() {
    let folder = Folder::new();
    check(&run(&mut demo(&folder, &[])));
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn a_named_database_is_used_again() {
    let folder = Folder::new();
    let file = folder.path().join("demo.sqlite").display().to_string();
    for _ in 0..2 {
        check(&run(&mut demo(&folder, &["--database", &file])));
    }
}

/// The keys of the first run cannot be opened by the second one.
#[test]
fn a_step_that_fails_is_named() {
    let folder = Folder::new();
    let file = folder.path().join("demo.sqlite").display().to_string();
    check(&run(&mut demo(&folder, &["--database", &file])));
    folder.write("demo.secret", "another-secret-of-many-characters");
    let output = run(&mut demo(&folder, &["--database", &file]));
    assert_eq!(code(output.status), 1, "{}", out(&output));
    let complaint = complaint(&output);
    assert!(complaint.contains("step "), "{complaint}");
    assert!(complaint.contains(") failed: "), "{complaint}");
    assert!(out(&output).contains("FAILED"), "{}", out(&output));
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let folder = Folder::new();
    for flag in ["--public-port", "--admin-port", "--app-port"] {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        let mut command = hydrus(["demo", "--once", "--memory"]);
        for name in ["--public-port", "--admin-port", "--app-port"] {
            let free = free_port().to_string();
            command.args([name, if name == flag { &port } else { &free }]);
        }
        let output = run(command.env(FOLDERS, folder.path()));
        let complaint = complaint(&output);
        assert_eq!(code(output.status), 1, "{complaint}");
        assert!(complaint.contains(&port), "{flag}: {complaint}");
        assert!(complaint.lines().count() <= 3, "{flag}: {complaint}");
    }
}

#[test]
fn the_demo_listens_on_this_machine_only() {
    let folder = Folder::new();
    for host in ["0.0.0.0", "192.0.2.1", "::"] {
        let output = run(&mut demo(&folder, &["--memory", "--host", host]));
        assert_eq!(code(output.status), 255, "{host}");
        assert!(complaint(&output).contains(host), "{}", complaint(&output));
    }
}
