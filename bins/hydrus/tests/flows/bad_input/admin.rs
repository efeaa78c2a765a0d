//! Hostile requests to the admin port.

use serde_json::{Value, json};

use super::public::{FORM, LARGE, ODD, OVERLONG, OVERLONG_IN_TARGET, post, shortened};
use super::{Case, Door};
use crate::http::Call;
use crate::robot::Client;

/// More than a reader should follow (RFC 8259 §9).
const DEEP: usize = 10_001;

pub(super) fn cases(client: &Client) -> Vec<Case> {
    let path = format!("/admin/clients/{}", client.id);
    let mut cases = Vec::new();
    json_bodies(&path, &mut cases);
    patches(&path, &mut cases);
    queries(&mut cases);
    tokens(&mut cases);
    paths(&mut cases);
    cases
}

fn add(cases: &mut Vec<Case>, name: &str, call: &Call, statuses: &'static [u16]) {
    cases.push(Case::new(name, Door::Admin, call, statuses));
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}{}", open.repeat(depth), close.repeat(depth))
}

/// Bodies that are no JSON, or not the JSON that is asked for, at each address that takes it.
fn json_bodies(client: &str, cases: &mut Vec<Case>) {
    let deep_member = format!("{{\"metadata\":{}}}", nested("[", "]", DEEP));
    let unclosed = "[".repeat(1_000_000);
    let large = format!("{{\"client_name\":\"{}\"}}", "a".repeat(LARGE));
    let table: [(&str, &[u8]); 20] = [
        ("an empty body", b""),
        ("half an object", b"{\"client_name\": "),
        ("no JSON", b"client_name=x"),
        ("a list", b"[]"),
        ("a text", b"\"x\""),
        ("a number", b"1"),
        ("two commas", b"{\"a\":1,,}"),
        ("single quotes", b"{'a':1}"),
        ("a comment", b"{/* x */}"),
        ("a byte order mark", b"\xef\xbb\xbf{}x"),
        ("NUL bytes", b"\0\0\0\0"),
        ("a raw NUL in a text", b"{\"client_name\":\"a\0b\"}"),
        ("UTF-16", b"{\0\"\0a\0"),
        (
            "a wrong type",
            b"{\"redirect_uris\":{\"a\":1},\"subject\":1}",
        ),
        (
            "a number without bounds",
            b"{\"client_secret_expires_at\":1e999,\"remember_for\":1e999}",
        ),
        ("not a number", b"{\"metadata\":NaN}"),
        ("10,001 levels", deep_member.as_bytes()),
        ("10,001 objects", b""),
        ("a million open lists", unclosed.as_bytes()),
        ("11 MB", large.as_bytes()),
    ];
    let objects = nested("{\"a\":", "}", DEEP).replace(":}", ":1}");
    let refused: &[u16] = &[400, 404, 413];
    for (name, body) in table {
        let body = if name == "10,001 objects" {
            objects.as_bytes()
        } else {
            body
        };
        for (method, path) in [
            ("POST", "/admin/clients"),
            ("PUT", client),
            ("PATCH", client),
            (
                "PUT",
                "/admin/oauth2/auth/requests/login/accept?login_challenge=x",
            ),
            (
                "PUT",
                "/admin/oauth2/auth/requests/login/reject?login_challenge=x",
            ),
            (
                "PUT",
                "/admin/oauth2/auth/requests/consent/accept?consent_challenge=x",
            ),
            (
                "PUT",
                "/admin/oauth2/auth/requests/consent/reject?consent_challenge=x",
            ),
            (
                "PUT",
                "/admin/oauth2/auth/requests/logout/accept?logout_challenge=x",
            ),
        ] {
            let call = Call::new(method, path)
                .header("Content-Type", "application/json")
                .body(body);
            add(cases, &format!("{method} {path}: {name}"), &call, refused);
        }
    }
}

/// Odd values of members of a client: taken as they are, or refused.
pub(super) fn odd_clients() -> Vec<Case> {
    let mut made = Vec::new();
    let cases = &mut made;
    let long = "a".repeat(OVERLONG);
    let odd = [
        "\0",
        "a\0b",
        "\u{ffff}",
        "'; --",
        "\u{202e}",
        "\r\n",
        long.as_str(),
    ];
    let taken_or_refused: &[u16] = &[201, 400, 409];
    for (at, value) in odd.into_iter().enumerate() {
        let names = "client_id client_name client_secret client_uri logo_uri owner policy_uri \
            tos_uri scope sector_identifier_uri subject_type \
            token_endpoint_auth_method userinfo_signed_response_alg \
            frontchannel_logout_uri backchannel_logout_uri \
            request_object_signing_alg token_endpoint_auth_signing_alg \
            authorization_code_grant_access_token_lifespan";
        for name in names.split(' ') {
            let call = Call::json("POST", "/admin/clients", &json!({ name: value }));
            add(
                cases,
                &format!("client: {name}: odd {at}"),
                &call,
                taken_or_refused,
            );
        }
        let names = "redirect_uris post_logout_redirect_uris grant_types response_types \
            contacts audience allowed_cors_origins request_uris";
        for name in names.split(' ') {
            let call = Call::json("POST", "/admin/clients", &json!({ name: [value] }));
            add(
                cases,
                &format!("client: {name}: odd {at}"),
                &call,
                taken_or_refused,
            );
        }
        let metadata = json!({ "metadata": { value: [value, { value: value }] } });
        let call = Call::json("POST", "/admin/clients", &metadata);
        add(
            cases,
            &format!("client: metadata: odd {at}"),
            &call,
            taken_or_refused,
        );
        let key = json!({ "jwks": { "keys": [{ "kty": "RSA", "kid": value, "n": value }] } });
        let call = Call::json("POST", "/admin/clients", &key);
        add(
            cases,
            &format!("client: jwks: odd {at}"),
            &call,
            taken_or_refused,
        );
    }
    made
}

/// Odd patches: carried out, or refused.
fn patches(client: &str, cases: &mut Vec<Case>) {
    // 404 where the route is not served.
    let changed: &[u16] = &[200, 400, 404];
    for patch in [
        json!([{ "op": "replace", "path": "/client_name", "value": "a\0b" }]),
        json!([{ "op": "nonsense", "path": "/client_name", "value": 1 }]),
        json!([{ "op": "add", "path": "/a".repeat(10_000), "value": 1 }]),
        json!([{ "op": "copy", "from": "/nowhere", "path": "/owner" }]),
        json!([{ "op": "move", "from": "/metadata", "path": "/metadata/a" }]),
        json!([{ "op": "test", "path": "/owner", "value": "nobody" }]),
        json!([{ "op": "add", "path": "/redirect_uris/99999999999999999999", "value": "x" }]),
        json!([{ "op": "remove", "path": "" }]),
        json!([{}]),
        json!([null]),
        Value::Array(vec![
            json!({ "op": "add", "path": "/owner", "value": "x" });
            20_000
        ]),
    ] {
        let call = Call::json("PATCH", client, &patch);
        let name = format!("patch {}", shortened(&patch.to_string()));
        add(cases, &name, &call, changed);
    }
}

/// Odd values in queries: nothing is found, or nothing is refused.
fn queries(cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG_IN_TARGET);
    for (what, value) in ODD.into_iter().chain([("overlong", long.as_str())]) {
        for (method, path, statuses) in [
            ("GET", "/admin/clients?owner=", &[200][..]),
            ("GET", "/admin/clients?client_name=", &[200]),
            ("GET", "/admin/clients?page_size=", &[200]),
            ("GET", "/admin/clients?page_token=", &[200]),
            (
                "GET",
                "/admin/oauth2/auth/requests/login?login_challenge=",
                &[404],
            ),
            (
                "GET",
                "/admin/oauth2/auth/requests/consent?consent_challenge=",
                &[404],
            ),
            (
                "GET",
                "/admin/oauth2/auth/requests/logout?logout_challenge=",
                &[404],
            ),
            (
                "PUT",
                "/admin/oauth2/auth/requests/logout/accept?logout_challenge=",
                &[404],
            ),
            (
                "PUT",
                "/admin/oauth2/auth/requests/logout/reject?logout_challenge=",
                &[404],
            ),
            (
                "GET",
                "/admin/oauth2/auth/sessions/consent?subject=",
                &[200],
            ),
            (
                "DELETE",
                "/admin/oauth2/auth/sessions/consent?all=true&subject=",
                &[204],
            ),
            (
                "DELETE",
                "/admin/oauth2/auth/sessions/consent?subject=x&client=",
                &[204],
            ),
            (
                "DELETE",
                "/admin/oauth2/auth/sessions/login?subject=",
                &[204],
            ),
            ("DELETE", "/admin/oauth2/tokens?client_id=", &[204]),
        ] {
            let call = Call::new(method, format!("{path}{value}"));
            add(cases, &format!("{method} {path}: {what}"), &call, statuses);
        }
    }
    for number in ["-1", "0", "1001", "99999999999999999999", "1e9", "0x10"] {
        let call = Call::get(format!("/admin/clients?page_size={number}"));
        add(cases, &format!("page_size={number}"), &call, &[200]);
    }
    // {"offset":"9223372036854775807","v":2} and {"offset":"-1","v":2}
    for token in [
        "eyJvZmZzZXQiOiI5MjIzMzcyMDM2ODU0Nzc1ODA3IiwidiI6Mn0",
        "eyJvZmZzZXQiOiItMSIsInYiOjJ9",
    ] {
        let call = Call::get(format!("/admin/clients?page_token={token}"));
        add(cases, &format!("page_token={token}"), &call, &[200]);
    }
}

/// Odd tokens at introspection: never active.
fn tokens(cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG);
    for (what, value) in ODD.into_iter().chain([("overlong", long.as_str())]) {
        for form in [
            format!("token={value}"),
            format!("token=ory_at_{value}.{value}"),
            format!("token=ory_rt_{value}.{value}&token_type_hint=refresh_token"),
            format!("token=a.{value}.{value}"),
            format!("token=x&scope={value}&token_type_hint={value}"),
        ] {
            let call = post("/admin/oauth2/introspect", FORM, form.clone());
            let name = format!("introspect: {what}: {}", shortened(&form));
            add(cases, &name, &call, &[200]);
        }
    }
    let call = post("/admin/oauth2/introspect", FORM, vec![b'a'; LARGE]);
    add(cases, "introspect: 11 MB", &call, &[400]);
    let call = post("/admin/oauth2/introspect", "multipart/form-data", "x");
    add(cases, "introspect: no boundary", &call, &[400]);
}

/// Odd names of clients and keys in paths.
fn paths(cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG_IN_TARGET);
    for (what, value) in ODD.into_iter().chain([("overlong", long.as_str())]) {
        for (method, path) in [
            ("GET", format!("/admin/clients/{value}")),
            ("DELETE", format!("/admin/clients/{value}")),
            ("GET", format!("/admin/keys/{value}")),
            ("GET", format!("/admin/keys/set/{value}")),
            ("GET", format!("/{value}")),
        ] {
            let call = Call::new(method, path.clone());
            let name = format!("{method} {what}: {}", shortened(&path));
            add(cases, &name, &call, &[404]);
        }
        for method in ["PUT", "PATCH"] {
            let body = if method == "PUT" {
                json!({})
            } else {
                json!([])
            };
            let call = Call::json(method, format!("/admin/clients/{value}"), &body);
            add(cases, &format!("{method} a client: {what}"), &call, &[404]);
        }
    }
    for path in [
        "/nowhere",
        "/admin",
        "/admin/",
        "/admin/%00",
        "/oauth2/token",
        "/%ff/%00",
    ] {
        let call = Call::get(path);
        add(cases, &format!("path {path}"), &call, &[404, 405]);
    }
    add(cases, "path /%zz", &Call::get("/%zz"), &[400]);
    let unprefixed = Call::get(format!("/clients/a%00%0d%0ab?{}", "a".repeat(10_000)));
    add(cases, "an unprefixed path", &unprefixed, &[307]);
}
