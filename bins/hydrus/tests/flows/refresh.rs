//! Refreshing side by side on an SQLite file, where a real Hydra stops answering.

use std::thread;

use crate::database::Kind;
use crate::http::Connection;
use crate::robot::{Client, Tokens, is_active};
use crate::site::Site;

const CONNECTIONS: usize = 16;
const ROTATIONS: usize = 20;

#[test]
fn sixteen_connections_refresh_side_by_side_on_sqlite() {
    let mut site = Site::new(Kind::Sqlite).unwrap();
    let mut server = site.start();
    let client = Client::register(&server, &serde_json::json!({}));
    let client = &client;
    let begun: Vec<Tokens> = (0..CONNECTIONS)
        .map(|number| client.tokens(&server, &format!("user-{number}"), "offline"))
        .collect();
    let (public, admin) = (server.public, server.admin);
    thread::scope(|scope| {
        for mut tokens in begun {
            scope.spawn(move || {
                let mut to_public = Connection::open(public).unwrap();
                let mut spent = Vec::new();
                for _ in 0..ROTATIONS {
                    let answer = to_public.call(&client.refresh_grant(&tokens.refresh));
                    let new = Tokens::of(&answer.unwrap().expect(200));
                    spent.push(std::mem::replace(&mut tokens, new));
                }
                let mut to_admin = Connection::open(admin).unwrap();
                assert!(is_active(&mut to_admin, &tokens.access));
                assert!(is_active(&mut to_admin, &tokens.refresh));
                for tokens in spent {
                    assert!(!is_active(&mut to_admin, &tokens.access));
                    assert!(!is_active(&mut to_admin, &tokens.refresh));
                }
            });
        }
    });
    server.is_well();
}
