//! Clients that take their time (docs: 5 s for a request to arrive, 10 s for an answer to leave,
//! 120 s between requests).

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::is_hang;
use crate::database::Kind;
use crate::http::{Call, Connection};
use crate::site::Site;

/// The longest that the server may take to close on a slow client: its limit of 5 s for
/// requests or 10 s for answers, and slack for a busy machine.
const CLOSED_WITHIN: Duration = Duration::from_secs(25);
/// How often a dripping client sends a byte.
const DRIP: Duration = Duration::from_millis(250);
/// Longer than a request may take, shorter than a connection may be idle.
const BETWEEN_REQUESTS: Duration = Duration::from_secs(7);

const HEAD: &str = "POST /oauth2/token HTTP/1.1\r\nHost: a\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n";

fn open(port: u16, wait: Duration) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(wait)).unwrap();
    stream.set_write_timeout(Some(CLOSED_WITHIN)).unwrap();
    stream
}

/// Sends a beginning, then nothing or a byte now and then, until the server has enough.
fn let_go(port: u16, beginning: &str, drips: bool) -> Result<(), String> {
    let end = Instant::now() + CLOSED_WITHIN;
    let wait = if drips { DRIP } else { CLOSED_WITHIN };
    let mut stream = open(port, wait);
    stream.write_all(beginning.as_bytes()).unwrap();
    let mut said = [0; 1024];
    while Instant::now() < end {
        match stream.read(&mut said) {
            // Perhaps with a word (408), perhaps without.
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if is_hang(&error) && drips => {
                if stream.write_all(b"a").is_err() {
                    return Ok(());
                }
            }
            Err(error) if is_hang(&error) => break,
            Err(_) => return Ok(()),
        }
    }
    Err(format!("still open: {beginning:?}, drips: {drips}"))
}

#[test]
fn slow_clients_are_let_go_and_disturb_nobody() {
    let mut site = Site::new(Kind::Memory).unwrap();
    let mut server = site.start();
    let (public, admin) = (server.public, server.admin);
    let faults: Vec<String> = thread::scope(|scope| {
        let mut slow = Vec::new();
        for port in [public, admin] {
            for (beginning, drips) in [
                ("", false),
                ("G", false),
                ("G", true),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: ", true),
                ("GET / HTTP/1.1\r\nHost: a\r\nX: ", false),
                (HEAD, false),
                (HEAD, true),
            ] {
                slow.push(scope.spawn(move || let_go(port, beginning, drips)));
            }
            // A request on a connection that had a good one before.
            let good = "GET /health/alive HTTP/1.1\r\nHost: a\r\n\r\nGET";
            slow.push(scope.spawn(move || let_go(port, good, true)));
        }
        slow.push(scope.spawn(move || chunks_that_never_end(public)));
        slow.push(scope.spawn(move || reads_nothing(public)));
        slow.push(scope.spawn(move || waits_between_requests(public)));
        // Many more of them, and in between everybody else is served.
        let silent: Vec<TcpStream> = (0..200).map(|_| open(public, CLOSED_WITHIN)).collect();
        for _ in 0..50 {
            for port in [public, admin] {
                Call::get("/health/alive").send(port).expect(200);
            }
        }
        let ended = slow.into_iter().map(|one| one.join().unwrap());
        let faults = ended.filter_map(Result::err).collect();
        drop(silent);
        faults
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    server.is_well();
}

/// Chunks that come one by one and never end.
fn chunks_that_never_end(port: u16) -> Result<(), String> {
    let end = Instant::now() + CLOSED_WITHIN;
    let mut stream = open(port, DRIP);
    let head = HEAD.replace("Content-Length: 100000", "Transfer-Encoding: chunked");
    stream.write_all(head.as_bytes()).unwrap();
    let mut said = [0; 1024];
    while Instant::now() < end {
        match stream.read(&mut said) {
            Ok(0) => return Ok(()),
            Err(error) if is_hang(&error) => {
                if stream.write_all(b"1\r\na\r\n").is_err() {
                    return Ok(());
                }
            }
            Ok(_) => {}
            Err(_) => return Ok(()),
        }
    }
    Err("chunk after chunk is taken".to_owned())
}

/// Asks and asks and never reads an answer.
fn reads_nothing(port: u16) -> Result<(), String> {
    let mut stream = open(port, CLOSED_WITHIN);
    let call = Call::get("/.well-known/openid-configuration").to_bytes();
    let many = call.repeat(1_000);
    loop {
        match stream.write_all(&many) {
            Ok(()) => {}
            Err(error) if is_hang(&error) => return Err("answers wait for ever".to_owned()),
            Err(_) => return Ok(()),
        }
    }
}

/// A kept connection is good for another request even after a while.
fn waits_between_requests(port: u16) -> Result<(), String> {
    let fault = |error: io::Error| format!("a kept connection: {error}");
    let mut connection = Connection::open(port).map_err(fault)?;
    let call = Call::get("/health/alive");
    connection.call(&call).map_err(fault)?.expect(200);
    let stream = connection.stream();
    stream
        .set_read_timeout(Some(BETWEEN_REQUESTS))
        .map_err(fault)?;
    match stream.peek(&mut [0]) {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        other => return Err(format!("an idle connection is closed: {other:?}")),
    }
    connection.call(&call).map_err(fault)?.expect(200);
    Ok(())
}
