//! Kill -9 at any moment loses nothing that was acknowledged: no token, no revocation, no
//! rotation.
//!
//! Each round starts a server, lets workers write as fast as they can, kills the server after a
//! number of acknowledgements that the round's seed decides, starts another one on the same
//! database, and asks it about everything that the workers were told.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use serde_json::json;

use crate::database::Kind;
use crate::http::{Call, Connection, PATIENCE};
use crate::robot::{Client, Tokens, is_active};
use crate::site::{Server, Site};

/// One round each.
const SEEDS: [u64; 4] = [1, 0x5eed, 0xc0ffee, 0xfeed_f00d];
const ISSUERS: usize = 3;
const ROTATORS: usize = 4;
const CHAINS_PER_ROTATOR: usize = 8;
/// Short chains, so that most have come to a rest when the server dies.
const ROTATIONS: usize = 3;

#[test]
fn a_killed_server_loses_nothing_on_sqlite() {
    check(Kind::Sqlite);
}

#[test]
fn a_killed_server_loses_nothing_on_postgres() {
    check(Kind::Postgres);
}

fn check(kind: Kind) {
    let Some(mut site) = Site::new(kind) else {
        return;
    };
    for seed in SEEDS {
        let mut server = site.start();
        let records = work_until_killed(&mut server, seed);
        assert!(!records.is_empty(), "seed {seed}: nothing was acknowledged");
        let mut server = site.start();
        let mut admin = Connection::open(server.admin).unwrap();
        for record in &records {
            record.check(&mut admin, seed);
        }
        server.is_well();
    }
}

/// What a worker knows about a token or a chain of them.
enum Record {
    /// A token that was issued, and possibly revoked since.
    Issued { token: String, revoked: Asked },
    /// Tokens of a grant, each pair in place of the one before.
    Chain { pairs: Vec<Tokens>, next: Asked },
}

/// How far a request got that would change what was acknowledged before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Not,
    /// Sent; whether it was carried out, nobody can know.
    Unanswered,
    Acknowledged,
}

impl Record {
    fn check(&self, admin: &mut Connection, seed: u64) {
        match self {
            Self::Issued { token, revoked } => {
                let active = is_active(admin, token);
                match revoked {
                    Asked::Not => assert!(active, "seed {seed}: a token is lost"),
                    Asked::Acknowledged => assert!(!active, "seed {seed}: a revocation is lost"),
                    Asked::Unanswered => {}
                }
            }
            Self::Chain { pairs, next } => {
                let Some((last, spent)) = pairs.split_last() else {
                    return;
                };
                for old in spent {
                    let active = is_active(admin, &old.access) || is_active(admin, &old.refresh);
                    assert!(!active, "seed {seed}: a rotation is lost");
                }
                let (access, refresh) = (
                    is_active(admin, &last.access),
                    is_active(admin, &last.refresh),
                );
                assert_eq!(access, refresh, "seed {seed}: half a rotation happened");
                match next {
                    Asked::Not => assert!(access, "seed {seed}: a rotation is lost"),
                    Asked::Acknowledged => assert!(!access, "seed {seed}: a revocation is lost"),
                    Asked::Unanswered => {}
                }
            }
        }
    }
}

/// A connection of a worker, and where it reports each acknowledgement.
struct Worker<'a> {
    connection: Connection,
    client: &'a Client,
    acknowledged: Sender<()>,
}

impl Worker<'_> {
    /// The tokens or the empty answer; `None` once the server is dead.
    fn ask(&mut self, call: &Call) -> Option<Tokens> {
        let answer = self.connection.call(call).ok()?.expect(200);
        // Nobody listens any more if the server is about to be killed.
        let _ = self.acknowledged.send(());
        Some(if answer.body.is_empty() {
            Tokens::default()
        } else {
            Tokens::of(&answer)
        })
    }

    /// Issues tokens and revokes every third.
    fn issue(mut self) -> Vec<Record> {
        let mut records = Vec::new();
        while let Some(tokens) = self.ask(&self.client.credentials_grant()) {
            let mut revoked = Asked::Not;
            if records.len() % 3 == 2 {
                revoked = match self.ask(&self.client.revocation(&tokens.access)) {
                    Some(_) => Asked::Acknowledged,
                    None => Asked::Unanswered,
                };
            }
            records.push(Record::Issued {
                token: tokens.access,
                revoked,
            });
            if revoked == Asked::Unanswered {
                break;
            }
        }
        records
    }

    /// Rotates chain after chain; every fourth is revoked in the end.
    fn rotate(mut self, begun: Vec<Tokens>) -> Vec<Record> {
        let mut records = Vec::new();
        let mut alive = true;
        for (number, first) in begun.into_iter().enumerate() {
            let mut pairs = vec![first];
            let mut next = Asked::Not;
            for step in 0..=ROTATIONS {
                let refresh = pairs[pairs.len() - 1].refresh.clone();
                let call = match step {
                    ROTATIONS if number % 4 == 3 => self.client.revocation(&refresh),
                    ROTATIONS => break,
                    _ => self.client.refresh_grant(&refresh),
                };
                if !alive {
                    break;
                }
                match self.ask(&call) {
                    Some(_) if step == ROTATIONS => next = Asked::Acknowledged,
                    Some(new) => pairs.push(new),
                    None => {
                        next = Asked::Unanswered;
                        alive = false;
                    }
                }
            }
            records.push(Record::Chain { pairs, next });
        }
        records
    }
}

fn work_until_killed(server: &mut Server, seed: u64) -> Vec<Record> {
    let client = Client::register(server, &json!({}));
    let begun: Vec<Vec<Tokens>> = (0..ROTATORS)
        .map(|_| {
            let chain = |_| client.tokens(server, "ada", "offline");
            (0..CHAINS_PER_ROTATOR).map(chain).collect()
        })
        .collect();
    let (acknowledged, acknowledgements) = channel();
    let worker = || Worker {
        connection: Connection::open(server.public).unwrap(),
        client: &client,
        acknowledged: acknowledged.clone(),
    };
    let issuers: Vec<Worker<'_>> = (0..ISSUERS).map(|_| worker()).collect();
    let rotators: Vec<Worker<'_>> = begun.iter().map(|_| worker()).collect();
    drop(acknowledged);
    // Some of these moments are before the chains have come to their ends, some after.
    let moment = 20 + splitmix(seed) % 180;
    thread::scope(|scope| {
        let mut working = Vec::new();
        for worker in issuers {
            working.push(scope.spawn(|| worker.issue()));
        }
        for (worker, begun) in rotators.into_iter().zip(begun) {
            working.push(scope.spawn(|| worker.rotate(begun)));
        }
        for _ in 0..moment {
            acknowledgements.recv_timeout(PATIENCE).unwrap();
        }
        server.kill();
        let ended = working.into_iter().map(|worker| worker.join().unwrap());
        ended.flatten().collect()
    })
}

/// A number that looks like chance and is always the same.
fn splitmix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
