//! Hostile requests to the public port.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{Case, Door};
use crate::http::{Call, encode};
use crate::robot::{Client, REDIRECT_URI, STATE};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const LARGE: usize = 11 * 1024 * 1024;
/// Longer than any text that is good for something.
pub(super) const OVERLONG: usize = 100_000;
/// The same where it has to fit into a target, of which 64 KiB are taken.
pub(super) const OVERLONG_IN_TARGET: usize = 60_000;

/// Texts that no database and no parser should stumble over, as a form has them.
pub(super) const ODD: [(&str, &str); 8] = [
    ("NUL", "%00"),
    ("NUL inside", "a%00b"),
    ("no UTF-8", "%ff%fe"),
    ("half of a surrogate pair", "%ed%a0%80"),
    ("beyond Unicode", "%f5%80%80%80"),
    ("control characters", "%01%7f%1b%5b2J"),
    ("SQL", "%27%22%3BDROP+TABLE+x%3B--"),
    ("line breaks", "a%0d%0aSet-Cookie:%20x=y"),
];

pub(super) fn cases(client: &Client) -> Vec<Case> {
    let mut cases = Vec::new();
    bodies(&mut cases);
    token_forms(client, &mut cases);
    credentials(client, &mut cases);
    bearers(&mut cases);
    browsers(client, &mut cases);
    paths(&mut cases);
    cases
}

pub(super) fn post(path: &str, media: &str, body: impl Into<Vec<u8>>) -> Call {
    Call::new("POST", path)
        .header("Content-Type", media)
        .body(body)
}

/// Bodies that are no form, or too much of one, at each address that takes forms.
fn bodies(cases: &mut Vec<Case>) {
    let multipart = "multipart/form-data; boundary=b";
    let long_boundary = format!("{multipart}{}", "b".repeat(10_000));
    let part =
        |name: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nx\r\n");
    let endless_head = [b"--b\r\nA: ".as_slice(), &[b'a'; 70_000]].concat();
    let large_part = [part("a").as_bytes(), &vec![b'a'; LARGE]].concat();
    let table: [(&str, &str, Vec<u8>); 20] = [
        ("an empty form", FORM, Vec::new()),
        ("nothing but separators", FORM, b"&&&;;;===".to_vec()),
        ("broken escapes", FORM, b"grant_type=%zz&%=%&a=%4".to_vec()),
        ("bytes of no encoding", FORM, vec![0xff; 1000]),
        ("NUL bytes", FORM, vec![0; 1000]),
        ("11 MB", FORM, vec![b'a'; LARGE]),
        ("100,000 parameters", FORM, b"a=b&".repeat(100_000)),
        ("JSON", "application/json", b"{\"grant_type\":1}".to_vec()),
        ("no media type", "", b"token=x".to_vec()),
        ("half a media type", "multipart/", b"token=x".to_vec()),
        (
            "UTF-16",
            "text/plain; charset=utf-16",
            b"\xff\xfea".to_vec(),
        ),
        ("no boundary", "multipart/form-data", part("a").into()),
        ("a boundary of 10 kB", &long_boundary, part("a").into()),
        ("no end", multipart, part("a").into()),
        ("no head", multipart, b"--b\r\n\r\n\r\n--b--".to_vec()),
        ("a head without end", multipart, endless_head),
        (
            "NUL in a name",
            multipart,
            (part("\0") + "--b--\r\n").into(),
        ),
        (
            "20,000 parts",
            multipart,
            (part("a").repeat(20_000) + "--b--\r\n").into(),
        ),
        ("11 MB in a part", multipart, large_part),
        ("only dashes", multipart, vec![b'-'; 10_000]),
    ];
    // Userinfo finds no token, and the authorization endpoint goes to the error page.
    let targets: [(&str, &'static [u16]); 4] = [
        ("/oauth2/token", &[400]),
        ("/oauth2/revoke", &[400]),
        ("/userinfo", &[400, 401]),
        ("/oauth2/auth", &[302]),
    ];
    for (name, media, body) in table {
        for (path, statuses) in targets {
            let call = post(path, media, body.clone());
            let name = format!("{path}: {name}");
            cases.push(Case::new(&name, Door::Public, &call, statuses));
        }
    }
}

/// Odd values of each parameter of the token and revocation endpoints.
fn token_forms(client: &Client, cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG);
    let odd = || ODD.into_iter().chain([("overlong", long.as_str())]);
    for (what, value) in odd() {
        for form in [
            format!("grant_type=authorization_code&code={value}"),
            format!("grant_type=authorization_code&code=ory_ac_{value}.{value}"),
            format!("grant_type=refresh_token&refresh_token={value}"),
            format!("grant_type=refresh_token&refresh_token=ory_rt_{value}.{value}"),
            format!("grant_type={value}"),
            format!("grant_type=client_credentials&scope={value}"),
            format!("grant_type=client_credentials&audience={value}"),
        ] {
            let call = post("/oauth2/token", FORM, form.clone()).basic(&client.id, &client.secret);
            let name = format!("token: {what}: {}", shortened(&form));
            cases.push(Case::new(&name, Door::Public, &call, &[400]));
        }
        for (form, statuses) in [
            (format!("token={value}"), &[200][..]),
            (format!("token=ory_at_{value}.{value}"), &[200]),
            (format!("token=x&token_type_hint={value}"), &[200]),
        ] {
            let call = post("/oauth2/revoke", FORM, form.clone()).basic(&client.id, &client.secret);
            let name = format!("revoke: {what}: {}", shortened(&form));
            cases.push(Case::new(&name, Door::Public, &call, statuses));
        }
    }
    let doubled = "grant_type=client_credentials&grant_type=nonsense&scope=read&scope=nonsense";
    let call = post("/oauth2/token", FORM, doubled).basic(&client.id, &client.secret);
    let name = "token: of doubled parameters the first counts";
    cases.push(Case::new(name, Door::Public, &call, &[200]));
}

/// Odd names and secrets of clients.
fn credentials(client: &Client, cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG);
    let refused: &[u16] = &[400, 401];
    let mut add = |name: String, call: &Call| {
        cases.push(Case::new(&name, Door::Public, call, refused));
    };
    for (what, value) in ODD.into_iter().chain([("overlong", long.as_str())]) {
        for path in ["/oauth2/token", "/oauth2/revoke"] {
            for (id, secret) in [(value, "x"), (&client.id, value)] {
                let form = "grant_type=client_credentials&token=x";
                let in_form = format!("{form}&client_id={id}&client_secret={secret}");
                add(
                    format!("{path}: {what} in the form"),
                    &post(path, FORM, in_form),
                );
                let pair = BASE64_STANDARD.encode(format!("{id}:{secret}"));
                let call = post(path, FORM, form).header("Authorization", &format!("Basic {pair}"));
                add(format!("{path}: {what} in the header"), &call);
            }
        }
    }
    let raw = BASE64_STANDARD.encode(b"\0\xff\xfe:\0");
    for header in [
        "Basic",
        "Basic ",
        "Basic =",
        "Basic !!!",
        "Basic YQ==",
        "Basic Og==",
        "basic  YTpi",
        "Bearer",
        "Digest x",
        "\u{e4}",
        &format!("Basic {raw}"),
        &"Basic ".repeat(5_000),
    ] {
        let form = "grant_type=client_credentials";
        let call = post("/oauth2/token", FORM, form).header("Authorization", header);
        add(
            format!("token: Authorization: {}", shortened(header)),
            &call,
        );
    }
}

/// Odd access tokens at userinfo.
fn bearers(cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG);
    let refused: &[u16] = &[400, 401];
    for token in [
        "",
        " ",
        "x",
        ".",
        "..",
        "...",
        "a.b.c",
        "ory_at_",
        "ory_at_.",
        "ory_at_.x",
        "ory_at_x.",
        "ory_at_a.b",
        "ory_rt_a.b",
        "\u{e4}\u{f6}",
        "eyJhbGciOiJub25lIn0.e30.",
        &long,
        &format!("{long}.{long}.{long}"),
        &".".repeat(OVERLONG),
    ] {
        let call = Call::get("/userinfo").bearer(token);
        let name = format!("userinfo: Bearer {}", shortened(token));
        cases.push(Case::new(&name, Door::Public, &call, refused));
    }
    for (what, value) in ODD {
        for value in [value.to_owned(), format!("ory_at_{value}.{value}")] {
            let form = format!("access_token={value}");
            let call = post("/userinfo", FORM, form.clone());
            cases.push(Case::new(
                &format!("userinfo: {what}"),
                Door::Public,
                &call,
                refused,
            ));
            let call = Call::get(format!("/userinfo?{form}"));
            cases.push(Case::new(
                &format!("userinfo?: {what}"),
                Door::Public,
                &call,
                refused,
            ));
        }
    }
}

/// Odd values of each parameter that browsers bring.
fn browsers(client: &Client, cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG_IN_TARGET);
    // To the error page, to the client, or, where the parameter does not matter, to the login app.
    let sent_on: &[u16] = &[302, 303];
    for (what, value) in ODD.into_iter().chain([("overlong", long.as_str())]) {
        let names = "client_id redirect_uri response_type response_mode scope state nonce \
            prompt max_age audience id_token_hint login_hint acr_values ui_locales \
            display code_challenge code_challenge_method request request_uri \
            registration claims login_verifier consent_verifier";
        for name in names.split(' ') {
            let good = [
                ("client_id", client.id.as_str()),
                ("response_type", "code"),
                ("redirect_uri", REDIRECT_URI),
                ("scope", "openid"),
                ("state", STATE),
            ];
            let others: Vec<_> = good.into_iter().filter(|(n, _)| *n != name).collect();
            let query = format!("{name}={value}&{}", encode(&others));
            let call = Call::get(format!("/oauth2/auth?{query}"));
            let text = format!("auth: {what} in {name}");
            cases.push(Case::new(&text, Door::Public, &call, sent_on));
        }
        for query in [
            format!("logout_verifier={value}"),
            format!("id_token_hint={value}"),
            format!("id_token_hint=x&post_logout_redirect_uri={value}"),
            format!("state={value}"),
            "a=%zz&b;c".to_owned(),
        ] {
            let call = Call::get(format!("/oauth2/sessions/logout?{query}"));
            let text = format!("logout: {what}: {}", shortened(&query));
            cases.push(Case::new(&text, Door::Public, &call, sent_on));
            let call = post("/oauth2/sessions/logout", FORM, query);
            cases.push(Case::new(&text, Door::Public, &call, sent_on));
        }
        let call = Call::get(format!("/oauth2/fallbacks/login?error={value}"));
        let text = format!("fallback: {what}");
        cases.push(Case::new(&text, Door::Public, &call, &[200]));
    }
    for cookie in [
        "=",
        ";;;",
        "a",
        "ory_hydra_session_dev=x",
        "ory_hydra_session_dev=\u{e4}",
    ] {
        let call =
            Call::get(format!("/oauth2/auth?client_id={}", client.id)).header("Cookie", cookie);
        let text = format!("auth: cookie {cookie}");
        cases.push(Case::new(&text, Door::Public, &call, sent_on));
    }
    let forged = format!("ory_hydra_session_dev={}; ", "A".repeat(4_000)).repeat(100);
    let call = Call::get(format!("/oauth2/auth?client_id={}", client.id)).header("Cookie", &forged);
    cases.push(Case::new(
        "auth: 400 kB of cookies",
        Door::Public,
        &call,
        sent_on,
    ));
}

/// Odd paths and methods.
fn paths(cases: &mut Vec<Case>) {
    let long = "a".repeat(OVERLONG_IN_TARGET);
    let deep = "/a".repeat(10_000);
    let slashes = "/".repeat(10_000);
    let found_nowhere: &[u16] = &[301, 400, 404];
    for path in [
        "/nowhere",
        "/admin/clients",
        "/version",
        "/%00",
        "/a%00b",
        "/oauth2/%00token",
        "/oauth2/token%00",
        "/%ff",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/../../etc/passwd",
        "/./.",
        "/%zz",
        "/%",
        "/a%2",
        "/oauth2//token/..",
        "/\u{e4}",
        "/*",
        "/{id}",
        "/oauth2/auth/x",
        "/%25%30%30",
        "/~!$&'()*+,;=:@",
        &format!("/{long}"),
        &deep,
        &slashes,
        &format!("/health/alive{}", "/".repeat(50_000)),
    ] {
        let call = Call::get(path);
        let name = format!("path {}", shortened(path));
        cases.push(Case::new(&name, Door::Public, &call, found_nowhere));
    }
    for method in [
        "HEADER", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get",
    ] {
        let call = Call::new(method, "/oauth2/token");
        let name = format!("method {method}");
        cases.push(Case::new(&name, Door::Public, &call, &[405]));
    }
}

/// Enough of a text to recognise it.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
