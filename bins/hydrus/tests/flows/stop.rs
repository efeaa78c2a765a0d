//! A graceful stop: what runs is finished, nothing new begins.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpStream};
use std::time::Instant;

use crate::database::Kind;
use crate::http::{Call, Connection, PATIENCE};
use crate::process::code;
use crate::robot::{Client, is_active};
use crate::site::{Server, Site};

/// Waits until a port is closed. The server closes it as soon as it has taken notice of the
/// signal, so there is nothing to wait for but that.
fn wait_until_closed(port: u16) {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
            _ => std::thread::yield_now(),
        }
    }
    panic!("port {port} stays open");
}

/// Sends all of a request but the last byte of its body, and waits until the server reads it.
fn begin(server: &Server, call: Call) -> (Connection, u8) {
    let mut bytes = call.header("Expect", "100-continue").to_bytes();
    let body = bytes.windows(4).position(|part| part == b"\r\n\r\n");
    let mut rest = bytes.split_off(body.unwrap() + 4);
    let mut connection = Connection::open(server.public).unwrap();
    connection.write(&bytes).unwrap();
    assert_eq!(connection.receive().unwrap().status, 100);
    let last = rest.pop().unwrap();
    connection.write(&rest).unwrap();
    (connection, last)
}

fn check(signal: &str) {
    let mut site = Site::new(Kind::Sqlite).unwrap();
    let mut server = site.start();
    let client = Client::register(&server, &serde_json::json!({}));
    // One that waits for its next request does not hold up anything.
    let mut idle = Connection::open(server.public).unwrap();
    idle.call(&Call::get("/health/alive")).unwrap().expect(200);

    let (mut slow, last) = begin(&server, client.credentials_grant());
    server.signal(signal);
    wait_until_closed(server.public);
    wait_until_closed(server.admin);
    slow.write(&[last]).unwrap();
    let answer = slow.receive().unwrap().expect(200);
    assert_eq!(code(server.ended()), 0);

    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let server = site.start();
    let mut admin = Connection::open(server.admin).unwrap();
    assert!(is_active(&mut admin, &token), "what was answered was kept");
}

#[test]
fn sigterm_lets_a_running_request_finish() {
    check("TERM");
}

#[test]
fn sigint_lets_a_running_request_finish() {
    check("INT");
}

/// Whoever never finishes a request cannot keep the server from stopping.
#[test]
fn a_request_that_never_ends_does_not_hold_up_the_stop() {
    let mut site = Site::new(Kind::Memory).unwrap();
    let mut server = site.start();
    let client = Client::register(&server, &serde_json::json!({}));
    let (_slow, _) = begin(&server, client.credentials_grant());
    server.signal("TERM");
    server.ended();
}
