//! The main job: a client is registered, a user logs in and consents, tokens are made, used,
//! refreshed, revoked, and the user logs out.

use serde_json::{Value, json};

use crate::database::Kind;
use crate::http::{Answer, Call, encode};
use crate::robot::{Browser, Client, REDIRECT_URI, STATE, Tokens, introspection};
use crate::site::{Server, Site};

const BYE: &str = "http://127.0.0.1:1/bye-client";
const KEPT_NOWHERE: &str = "private, no-cache, no-store, must-revalidate";

#[test]
fn the_main_job_is_done_in_memory() {
    check(Kind::Memory);
}

#[test]
fn the_main_job_is_done_on_sqlite() {
    check(Kind::Sqlite);
}

#[test]
fn the_main_job_is_done_on_postgres() {
    check(Kind::Postgres);
}

#[track_caller]
fn check(kind: Kind) {
    let Some(mut site) = Site::new(kind) else {
        return;
    };
    let mut server = site.start();
    let walk = Walk {
        issuer: site.settings["urls"]["self"]["issuer"].as_str().unwrap(),
        server: &server,
    };
    walk.documents();
    walk.client_lives();
    let client = Client::register(
        &server,
        &json!({
            "client_name": "The main job",
            "post_logout_redirect_uris": [BYE],
        }),
    );
    walk.client_credentials(&client);
    let mut browser = Browser::new(&server);
    let tokens = walk.code_flow(&mut browser, &client);
    walk.id_token(&tokens.id, &client);
    walk.access_token(&tokens, &client);
    let tokens = walk.refresh(&tokens, &client);
    walk.revoke(&tokens, &client);
    walk.second_visit(&mut browser, &client);
    logout(&mut browser, &tokens.id, &client);
    server.is_well();
}

struct Walk<'a> {
    server: &'a Server,
    issuer: &'a str,
}

impl Walk<'_> {
    fn public(&self, call: &Call, status: u16) -> Answer {
        call.send(self.server.public).expect(status)
    }

    fn admin(&self, call: &Call, status: u16) -> Answer {
        call.send(self.server.admin).expect(status)
    }

    fn active(&self, token: &str) -> bool {
        let answer = self.admin(&introspection(token), 200);
        answer.json()["active"].as_bool().unwrap()
    }

    fn documents(&self) {
        let discovery = self.public(&Call::get("/.well-known/openid-configuration"), 200);
        header(
            &discovery,
            "content-type",
            "application/json; charset=utf-8",
        );
        let discovery = discovery.json();
        assert_eq!(discovery["issuer"], self.issuer);
        for (name, path) in [
            ("authorization_endpoint", "oauth2/auth"),
            ("token_endpoint", "oauth2/token"),
            ("jwks_uri", ".well-known/jwks.json"),
            ("userinfo_endpoint", "userinfo"),
            ("revocation_endpoint", "oauth2/revoke"),
            ("end_session_endpoint", "oauth2/sessions/logout"),
        ] {
            assert_eq!(discovery[name], format!("{}{path}", self.issuer), "{name}");
        }
        let version = self.admin(&Call::get("/version"), 200).json();
        assert!(version["version"].is_string(), "{version}");
    }

    fn client_lives(&self) {
        let metadata = json!({ "client_name": "old", "client_secret": "chosen-secret" });
        let made = self.admin(&Call::json("POST", "/admin/clients", &metadata), 201);
        header(&made, "content-type", "application/json; charset=utf-8");
        header(&made, "cache-control", KEPT_NOWHERE);
        let path = made.header("location").unwrap_or_default().to_owned();
        let path = path.as_str();
        let made = made.json();
        assert_eq!(made["client_secret"], "chosen-secret");
        assert_eq!(
            path,
            format!("/admin/clients/{}", made["client_id"].as_str().unwrap())
        );

        let read = self.admin(&Call::get(path), 200).json();
        assert_eq!(read["client_secret"], Value::Null, "a secret is shown once");
        let changed = Call::json("PUT", path, &json!({ "client_name": "new" }));
        assert_eq!(self.admin(&changed, 200).json()["client_name"], "new");
        let list = self.admin(&Call::get("/admin/clients"), 200);
        header(&list, "x-total-count", "1");
        assert_eq!(list.json()[0]["client_name"], "new");
        self.admin(&Call::new("DELETE", path), 204);
        self.admin(&Call::get(path), 404);
    }

    fn client_credentials(&self, client: &Client) {
        let answer = self.public(&client.credentials_grant(), 200);
        header(&answer, "content-type", "application/json;charset=UTF-8");
        header(&answer, "cache-control", "no-store");
        header(&answer, "pragma", "no-cache");
        assert_eq!(answer.json()["token_type"], "bearer");
        let tokens = Tokens::of(&answer);
        assert!(tokens.access.starts_with("ory_at_"));
        assert_eq!((tokens.refresh, tokens.id), (String::new(), String::new()));
        assert!(self.active(&tokens.access));

        let mut stranger = client.clone();
        stranger.secret = "wrong".into();
        let refused = self.public(&stranger.credentials_grant(), 401);
        assert_eq!(refused.json()["error"], "invalid_client");
        header(&refused, "cache-control", "no-store");
    }

    fn code_flow(&self, browser: &mut Browser, client: &Client) -> Tokens {
        let to_login = browser
            .authorize(client, "openid offline read", &[])
            .expect(302);
        header(&to_login, "cache-control", KEPT_NOWHERE);
        let challenge = to_login.location_param("login_challenge");
        let query = encode(&[("login_challenge", &challenge)]);
        let path = format!("/admin/oauth2/auth/requests/login?{query}");
        let asked = self.admin(&Call::get(path), 200).json();
        assert_eq!(asked["skip"], false);
        assert_eq!(asked["client"]["client_name"], "The main job");

        let code = Browser::new(self.server).code(client, "ada", "openid offline read");
        let foreign = self.public(
            &client.post(
                "/oauth2/token",
                &[
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("redirect_uri", REDIRECT_URI),
                    (
                        "code_verifier",
                        "a-verifier-that-fits-no-challenge-of-this-test",
                    ),
                ],
            ),
            400,
        );
        assert_eq!(foreign.json()["error"], "invalid_grant", "PKCE");

        let code = browser.code(client, "ada", "openid offline read");
        let answer = self.public(&client.code_grant(&code), 200);
        header(&answer, "content-type", "application/json;charset=UTF-8");
        header(&answer, "cache-control", "no-store");
        assert_eq!(answer.json()["scope"], "openid offline read");
        Tokens::of(&answer)
    }

    /// OpenID Connect Core §3.1.3.7, with the keys that the server publishes.
    fn id_token(&self, token: &str, client: &Client) {
        let published = self
            .public(&Call::get("/.well-known/jwks.json"), 200)
            .json();
        let keys: Vec<crypto::Jwk> = published["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| crypto::Jwk::parse(key).unwrap())
            .collect();
        assert!(keys.iter().all(|key| !key.is_private()), "{keys:?}");
        let verified = crypto::verify_jws(token, &keys).unwrap();
        assert_eq!(verified.header["alg"], "RS256");
        let claims = verified.claims;
        for (name, value) in [
            ("iss", json!(self.issuer)),
            ("aud", json!([client.id])),
            ("sub", json!("ada")),
            ("nonce", json!("nonce-0123456789")),
            ("email", json!("ada@example.org")),
        ] {
            assert_eq!(claims[name], value, "{name} of {claims}");
        }
        for name in ["iat", "exp", "auth_time", "at_hash", "sid", "jti"] {
            assert!(!claims[name].is_null(), "{name} of {claims}");
        }
    }

    fn access_token(&self, tokens: &Tokens, client: &Client) {
        let about = self.admin(&introspection(&tokens.access), 200);
        header(&about, "content-type", "application/json;charset=UTF-8");
        let about = about.json();
        for (name, value) in [
            ("active", json!(true)),
            ("client_id", json!(client.id)),
            ("sub", json!("ada")),
            ("scope", json!("openid offline read")),
            ("token_use", json!("access_token")),
            ("ext", json!({ "plan": "gold" })),
        ] {
            assert_eq!(about[name], value, "{name} of {about}");
        }
        let userinfo = self.public(&Call::get("/userinfo").bearer(&tokens.access), 200);
        header(&userinfo, "content-type", "application/json; charset=utf-8");
        assert_eq!(userinfo.json()["sub"], "ada");
        assert_eq!(userinfo.json()["email"], "ada@example.org");
        let refused = self.public(&Call::get("/userinfo"), 401);
        let challenge = refused.header("www-authenticate").unwrap_or_default();
        assert!(challenge.starts_with("Bearer error="), "{challenge}");
    }

    fn refresh(&self, old: &Tokens, client: &Client) -> Tokens {
        let new = Tokens::of(&self.public(&client.refresh_grant(&old.refresh), 200));
        assert!(!new.refresh.is_empty() && new.refresh != old.refresh);
        self.id_token(&new.id, client);
        for (token, active) in [
            (&old.access, false),
            (&old.refresh, false),
            (&new.access, true),
            (&new.refresh, true),
        ] {
            assert_eq!(self.active(token), active);
        }
        new
    }

    fn revoke(&self, tokens: &Tokens, client: &Client) {
        for _ in 0..2 {
            let answer = self.public(&client.revocation(&tokens.access), 200);
            assert_eq!(answer.text(), "");
            header(&answer, "cache-control", "no-store");
        }
        assert!(!self.active(&tokens.access));
        assert!(!self.active(&tokens.refresh), "a grant ends as a whole");
        self.public(&Call::get("/userinfo").bearer(&tokens.access), 401);
        let refused = client
            .refresh_grant(&tokens.refresh)
            .send(self.server.public);
        assert!((400..500).contains(&refused.status), "{}", refused.text());
    }

    /// The login is remembered, so that the login app has nobody to ask.
    fn second_visit(&self, browser: &mut Browser, client: &Client) {
        let to_login = browser.authorize(client, "openid", &[]).expect(302);
        let challenge = to_login.location_param("login_challenge");
        let query = encode(&[("login_challenge", &challenge)]);
        let path = format!("/admin/oauth2/auth/requests/login?{query}");
        let asked = self.admin(&Call::get(path), 200).json();
        assert_eq!(
            (&asked["skip"], &asked["subject"]),
            (&json!(true), &json!("ada"))
        );
    }
}

fn logout(browser: &mut Browser, id_token: &str, client: &Client) {
    let query = encode(&[
        ("id_token_hint", id_token),
        ("post_logout_redirect_uri", BYE),
        ("state", STATE),
    ]);
    let asked = browser.open(&format!("/oauth2/sessions/logout?{query}"));
    let asked = asked.expect(302);
    let gone = browser.accept("logout", &asked, &json!({})).expect(302);
    header(&gone, "location", &format!("{BYE}?state={STATE}"));
    let silent = browser.authorize(client, "openid", &[("prompt", "none")]);
    let silent = silent.expect(303);
    assert_eq!(silent.location_param("error"), "login_required");
    assert_eq!(silent.location_param("state"), STATE);
}

#[track_caller]
fn header(answer: &Answer, name: &str, value: &str) {
    assert_eq!(answer.header(name), Some(value), "{name}");
}
