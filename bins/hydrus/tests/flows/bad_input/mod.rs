//! Hostile requests: each gets one of its allowed answers, never a 5xx, never a hang, and leaves
//! the server as well as before.

mod admin;
mod framing;
mod public;
mod slow;
mod through_the_flow;

use std::io::{self, Write as _};
use std::thread;

use serde_json::json;

use crate::database::Kind;
use crate::http::{Answer, Call, Connection};
use crate::robot::Client;
use crate::site::{Server, Site};

/// What is tried at once; enough to be quick, little enough not to be the attack itself.
const SIDE_BY_SIDE: usize = 8;

/// Which door a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Public,
    Admin,
}

/// What may come of it.
#[derive(Clone, Copy, Debug)]
enum Allowed {
    /// One of these statuses.
    Status(&'static [u16]),
    /// One of these statuses, or the connection is closed without a word.
    OrClosed(&'static [u16]),
}

/// One line of a table.
struct Case {
    name: String,
    door: Door,
    bytes: Vec<u8>,
    allowed: Allowed,
    /// Whether what was sent is exactly one request, so that another one may follow it.
    whole: bool,
}

impl Case {
    fn new(name: &str, door: Door, call: &Call, statuses: &'static [u16]) -> Self {
        Self {
            name: name.to_owned(),
            door,
            bytes: call.to_bytes(),
            allowed: Allowed::Status(statuses),
            whole: true,
        }
    }

    /// Bytes that are no request, or not exactly one.
    fn raw(name: &str, bytes: impl Into<Vec<u8>>, allowed: Allowed) -> Self {
        Self {
            name: name.to_owned(),
            door: Door::Public,
            bytes: bytes.into(),
            allowed,
            whole: false,
        }
    }

    /// What is wrong with the answer, if anything.
    fn fault(&self, public: u16, admin: u16) -> Option<String> {
        let port = match self.door {
            Door::Public => public,
            Door::Admin => admin,
        };
        let mut connection = match Connection::open(port) {
            Ok(connection) => connection,
            Err(error) => return Some(format!("{}: no connection: {error}", self.name)),
        };
        let statuses = match self.allowed {
            Allowed::Status(statuses) | Allowed::OrClosed(statuses) => statuses,
        };
        match exchange(&mut connection, &self.bytes) {
            Ok(answer) if !statuses.contains(&answer.status) => Some(format!(
                "{}: {} is none of {statuses:?}: {}",
                self.name,
                answer.status,
                answer.text().chars().take(200).collect::<String>()
            )),
            Ok(answer) if self.whole && !answer.closes() => {
                let after = connection.call(&Call::get("/health/alive"));
                let good = after.is_ok_and(|answer| answer.status == 200);
                (!good).then(|| format!("{}: the connection is of no use afterwards", self.name))
            }
            Ok(_) => None,
            Err(error) if is_hang(&error) => Some(format!("{}: no answer", self.name)),
            Err(error) => match self.allowed {
                Allowed::OrClosed(_) => None,
                Allowed::Status(_) => Some(format!("{}: closed: {error}", self.name)),
            },
        }
    }
}

fn is_hang(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Sends and receives at once: who answers early need not read to the end.
fn exchange(connection: &mut Connection, bytes: &[u8]) -> io::Result<Answer> {
    let mut writing = connection.stream().try_clone()?;
    thread::scope(|scope| {
        scope.spawn(move || {
            // Whether all of it was taken shows in the answer.
            let _ = writing.write_all(bytes);
        });
        loop {
            let answer = connection.receive()?;
            if answer.status >= 200 {
                return Ok(answer);
            }
        }
    })
}

/// Tries all cases on a server and fails with all faults.
#[track_caller]
fn check(server: &mut Server, cases: &[Case]) {
    let part = cases.len().div_ceil(SIDE_BY_SIDE).max(1);
    let (public, admin) = (server.public, server.admin);
    let faults: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = cases
            .chunks(part)
            .map(|cases| {
                scope.spawn(move || {
                    let faults = cases.iter().filter_map(|case| case.fault(public, admin));
                    faults.collect::<Vec<_>>()
                })
            })
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join().unwrap());
        joined.flatten().collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    server.is_well();
}

/// All tables that reach the database, on one of its kinds.
fn check_requests(kind: Kind) {
    let Some(mut site) = Site::new(kind) else {
        return;
    };
    let mut server = site.start();
    let client = Client::register(&server, &json!({}));
    check(&mut server, &public::cases(&client));
    check(&mut server, &admin::cases(&client));
    // Last, because lists of clients become long by it.
    check(&mut server, &admin::odd_clients());
}

#[test]
fn hostile_requests_are_answered_in_memory() {
    check_requests(Kind::Memory);
}

#[test]
fn hostile_requests_are_answered_on_sqlite() {
    check_requests(Kind::Sqlite);
}

#[test]
fn hostile_requests_are_answered_on_postgres() {
    check_requests(Kind::Postgres);
}
