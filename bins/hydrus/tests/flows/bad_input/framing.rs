//! What is no good HTTP: heads, lengths, chunks, versions.

use super::{Allowed, Case, check};
use crate::database::Kind;
use crate::http::{Call, Connection};
use crate::site::Site;

const REFUSED: Allowed = Allowed::Status(&[400]);
/// For what is not even the beginning of a request.
const REFUSED_OR_CLOSED: Allowed = Allowed::OrClosed(&[400, 404, 405, 431, 505]);
const TOO_LARGE: Allowed = Allowed::Status(&[431]);

/// A POST to the token endpoint with these lines in its head, and what follows.
fn post(lines: &str, rest: &str) -> String {
    format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: a\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{lines}\r\n\r\n{rest}"
    )
}

fn get(lines: &str) -> String {
    format!("GET /health/alive HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
}

#[test]
fn broken_requests_are_refused() {
    let mut site = Site::new(Kind::Memory).unwrap();
    let mut server = site.start();
    let large = "a".repeat(2 * 1024 * 1024);
    let many = |count: usize| "X-Many: 1\r\n".repeat(count);
    let chunked = |body: &str| post("Transfer-Encoding: chunked", body);
    let endless = format!("ffffff\r\n{}", "a".repeat(11 * 1024 * 1024));
    let table: Vec<(&str, String, Allowed)> = vec![
        // Heads (RFC 9112 §2 to §5).
        ("a header without a colon", get("Nonsense\r\n"), REFUSED),
        ("a blank before the colon", get("X : 1\r\n"), REFUSED),
        ("a header without a name", get(": 1\r\n"), REFUSED),
        ("NUL in a header", get("X: a\0b\r\n"), REFUSED),
        ("NUL in a header's name", get("X\0: a\r\n"), REFUSED),
        ("a lone carriage return", get("X: a\rb\r\n"), REFUSED),
        (
            "a header of 2 MiB",
            get(&format!("X: {large}\r\n")),
            TOO_LARGE,
        ),
        (
            "a header's name of 2 MiB",
            get(&format!("{large}: x\r\n")),
            TOO_LARGE,
        ),
        ("100,000 headers", get(&many(100_000)), TOO_LARGE),
        (
            "a target of 2 MiB",
            format!("GET /{large} HTTP/1.1\r\nHost: a\r\n\r\n"),
            Allowed::Status(&[414, 431]),
        ),
        (
            "no Host",
            "GET /health/alive HTTP/1.1\r\n\r\n".into(),
            REFUSED,
        ),
        ("two Hosts", get("Host: b\r\n"), REFUSED),
        (
            "no target",
            "GET HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            REFUSED,
        ),
        (
            "a blank in the target",
            "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            REFUSED,
        ),
        (
            "NUL in the target",
            "GET /a\0 HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            REFUSED,
        ),
        (
            "a target without a slash",
            "GET a HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            Allowed::Status(&[400, 404]),
        ),
        (
            "an address as target",
            "GET http://b/nowhere HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            Allowed::Status(&[400, 404]),
        ),
        (
            "a tunnel",
            "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n".into(),
            Allowed::Status(&[400, 404, 405]),
        ),
        (
            "OPTIONS *",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            Allowed::Status(&[200, 204, 400, 404]),
        ),
        (
            "a method of 1 MiB",
            format!("{} / HTTP/1.1\r\nHost: a\r\n\r\n", &large[..1 << 20]),
            Allowed::OrClosed(&[400, 404, 405, 431]),
        ),
        // Versions.
        (
            "version 3.0",
            "GET / HTTP/3.0\r\nHost: a\r\n\r\n".into(),
            REFUSED_OR_CLOSED,
        ),
        (
            "version 0.9",
            "GET /health/alive\r\n\r\n".into(),
            REFUSED_OR_CLOSED,
        ),
        (
            "HTTP/2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".into(),
            REFUSED_OR_CLOSED,
        ),
        (
            "TLS",
            "\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03aaaaaaaa\r\n\r\n".into(),
            REFUSED_OR_CLOSED,
        ),
        (
            "line breaks only",
            "\r\n\r\n\r\n\r\nx\r\n\r\n".into(),
            REFUSED_OR_CLOSED,
        ),
        ("NUL bytes only", "\0".repeat(10_000), REFUSED_OR_CLOSED),
        // Lengths (RFC 9112 §6.3).
        (
            "no number as length",
            post("Content-Length: x", ""),
            REFUSED,
        ),
        ("a negative length", post("Content-Length: -1", ""), REFUSED),
        (
            "a length with a sign",
            post("Content-Length: +1", "a"),
            REFUSED,
        ),
        (
            "a length beyond bounds",
            post(&format!("Content-Length: {}", "9".repeat(40)), ""),
            REFUSED,
        ),
        (
            "two lengths",
            post("Content-Length: 1\r\nContent-Length: 2", "aa"),
            REFUSED,
        ),
        (
            "a list of lengths",
            post("Content-Length: 1, 2", "aa"),
            REFUSED,
        ),
        (
            "the greatest length",
            post("Content-Length: 18446744073709551614", "a"),
            Allowed::OrClosed(&[400, 413, 431]),
        ),
        (
            "length and chunks",
            post(
                "Content-Length: 3\r\nTransfer-Encoding: chunked",
                "0\r\n\r\n",
            ),
            REFUSED,
        ),
        // Chunks (RFC 9112 §7.1).
        (
            "an unknown transfer coding",
            post("Transfer-Encoding: gzip", "aa"),
            Allowed::Status(&[400, 501]),
        ),
        (
            "chunks that are not the last coding",
            post("Transfer-Encoding: chunked, gzip", "0\r\n"),
            Allowed::Status(&[400, 501]),
        ),
        (
            "no number as chunk",
            chunked("zz\r\n"),
            Allowed::OrClosed(&[400]),
        ),
        (
            "a chunk beyond bounds",
            chunked("fffffffffffffffff\r\na"),
            Allowed::OrClosed(&[400]),
        ),
        (
            "a negative chunk",
            chunked("-1\r\na\r\n"),
            Allowed::OrClosed(&[400]),
        ),
        (
            "a chunk without line break",
            chunked("1\r\naa\r\n0\r\n\r\n"),
            Allowed::OrClosed(&[400]),
        ),
        (
            "an endless chunk extension",
            chunked(&format!("1;{large}")),
            Allowed::OrClosed(&[400, 431]),
        ),
        (
            "endless trailers",
            chunked(&format!("0\r\n{}", many(200_000))),
            Allowed::OrClosed(&[400, 431]),
        ),
        (
            "11 MB in chunks",
            chunked(&endless),
            Allowed::Status(&[400, 413]),
        ),
    ];
    let cases: Vec<Case> = table
        .into_iter()
        .map(|(name, bytes, allowed)| Case::raw(name, bytes, allowed))
        .chain(noise())
        .collect();
    check(&mut server, &cases);
}

/// Bytes that look like chance, and requests with one byte changed.
fn noise() -> Vec<Case> {
    let mut state = 0x0005_deec_e66d_u64;
    let mut chance = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize
    };
    let good = post("Content-Length: 29", "grant_type=client_credentials");
    let mut cases = Vec::new();
    for number in 0..40 {
        let mut bytes: Vec<u8> = (0..200).map(|_| chance() as u8).collect();
        bytes.extend(b"\r\n\r\n");
        let name = format!("noise {number}");
        cases.push(Case::raw(&name, bytes, REFUSED_OR_CLOSED));
    }
    for number in 0..60 {
        let mut bytes = good.clone().into_bytes();
        let at = chance() % (bytes.len() - 40);
        bytes[at] = chance() as u8;
        let name = format!("byte {at} changed, {number}");
        // A length that became longer is waited for until the time is up.
        let allowed = Allowed::OrClosed(&[200, 301, 307, 400, 401, 404, 405, 501, 505]);
        cases.push(Case::raw(&name, bytes, allowed));
    }
    cases
}

#[test]
fn old_and_odd_but_good_requests_are_answered() {
    let mut site = Site::new(Kind::Memory).unwrap();
    let mut server = site.start();
    let fine = Allowed::Status(&[200]);
    let cases: Vec<Case> = [
        ("HTTP/1.0", "GET /health/alive HTTP/1.0\r\n\r\n".to_owned()),
        (
            "HTTP/1.0 with Host",
            "GET /health/alive HTTP/1.0\r\nHost: a\r\n\r\n".into(),
        ),
        (
            "an empty Host",
            "GET /health/alive HTTP/1.1\r\nHost:\r\n\r\n".into(),
        ),
        (
            "an upgrade to HTTP/2",
            get("Connection: Upgrade\r\nUpgrade: h2c\r\n"),
        ),
        (
            "an upgrade to WebSocket",
            get("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
        ),
        (
            "60 kB in a header",
            get(&format!("X: {}\r\n", "a".repeat(60_000))),
        ),
        ("90 headers", get(&"X-Many: 1\r\n".repeat(90))),
        ("a body at a GET", get("Content-Length: 3\r\n") + "abc"),
        ("a line break in front", format!("\r\n{}", get(""))),
        (
            "an address as target",
            "GET http://b/health/alive HTTP/1.1\r\nHost: a\r\n\r\n".into(),
        ),
    ]
    .into_iter()
    .map(|(name, bytes)| Case::raw(name, bytes, fine))
    .collect();
    check(&mut server, &cases);
}

#[test]
fn requests_in_one_piece_get_their_answers_in_order() {
    let mut site = Site::new(Kind::Memory).unwrap();
    let server = site.start();
    let mut connection = Connection::open(server.public).unwrap();
    let calls = [
        Call::get("/health/alive"),
        Call::get("/nowhere"),
        Call::form("/oauth2/token", &[("grant_type", "x")]),
        Call::new("PUT", "/oauth2/token").body("x".repeat(100_000)),
        Call::get("/.well-known/openid-configuration"),
    ];
    let bytes: Vec<u8> = calls.iter().flat_map(Call::to_bytes).collect();
    connection.write(&bytes).unwrap();
    for status in [200, 404, 400, 405, 200] {
        connection.receive().unwrap().expect(status);
    }
}
