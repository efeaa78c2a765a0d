//! A client of the server with its user: browser, login app and consent app in one, by HTTP alone.

use serde_json::{Value, json};

use crate::http::{Answer, Call, Connection, encode};
use crate::site::Server;

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:1/callback";
pub(crate) const STATE: &str = "state-0123456789";
/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A registered client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Client {
    /// Registers one for every grant, with a secret that the server makes. `changes` go over its
    /// metadata.
    #[track_caller]
    pub(crate) fn register(server: &Server, changes: &Value) -> Self {
        let mut metadata = json!({
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "redirect_uris": [REDIRECT_URI],
            "scope": "openid offline read",
        });
        for (name, value) in changes.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        let made = Call::json("POST", "/admin/clients", &metadata)
            .send(server.admin)
            .expect(201)
            .json();
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        Self {
            id: text("client_id"),
            secret: text("client_secret"),
        }
    }

    /// A request to the token endpoint or its neighbours.
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Call {
        Call::form(path, form).basic(&self.id, &self.secret)
    }

    pub(crate) fn credentials_grant(&self) -> Call {
        self.post("/oauth2/token", &[("grant_type", "client_credentials")])
    }

    pub(crate) fn code_grant(&self, code: &str) -> Call {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.post("/oauth2/token", &form)
    }

    pub(crate) fn refresh_grant(&self, token: &str) -> Call {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("/oauth2/token", &form)
    }

    pub(crate) fn revocation(&self, token: &str) -> Call {
        self.post("/oauth2/revoke", &[("token", token)])
    }

    /// Walks a user through the code flow with a scope.
    #[track_caller]
    pub(crate) fn tokens(&self, server: &Server, subject: &str, scope: &str) -> Tokens {
        let code = Browser::new(server).code(self, subject, scope);
        let answer = self.code_grant(&code).send(server.public);
        Tokens::of(&answer.expect(200))
    }
}

/// What a grant has brought; absent ones are empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
}

impl Tokens {
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let tokens = Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id: text("id_token"),
        };
        assert!(!tokens.access.is_empty(), "{body}");
        tokens
    }
}

/// Asks the admin port about a token.
pub(crate) fn introspection(token: &str) -> Call {
    Call::form("/admin/oauth2/introspect", &[("token", token)])
}

/// Whether a token is active.
#[track_caller]
pub(crate) fn is_active(admin: &mut Connection, token: &str) -> bool {
    let answer = admin.call(&introspection(token)).unwrap().expect(200);
    answer.json()["active"].as_bool().unwrap()
}

/// A browser that keeps its cookies and follows nothing by itself.
pub(crate) struct Browser {
    public: u16,
    admin: u16,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            public: server.public,
            admin: server.admin,
            cookies: Vec::new(),
        }
    }

    /// Opens a path, or an address of the server; the answer's cookies are kept.
    #[track_caller]
    pub(crate) fn open(&mut self, address: &str) -> Answer {
        let target = match address.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => address,
        };
        let mut call = Call::get(target);
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(n, v)| format!("{n}={v}"));
            call = call.header("Cookie", &pairs.collect::<Vec<_>>().join("; "));
        }
        let answer = call.send(self.public);
        for cookie in answer.cookies() {
            self.keep(cookie);
        }
        answer
    }

    fn keep(&mut self, set_cookie: &str) {
        let (pair, attributes) = set_cookie.split_once(';').unwrap_or((set_cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        self.cookies.retain(|(kept, _)| kept != name);
        if !attributes.to_ascii_lowercase().contains("max-age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Asks for a code; `more` parameters go behind the usual ones.
    #[track_caller]
    pub(crate) fn authorize(
        &mut self,
        client: &Client,
        scope: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let usual = [
            ("client_id", client.id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("state", STATE),
            ("nonce", "nonce-0123456789"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let pairs = [&usual, more].concat();
        self.open(&format!("/oauth2/auth?{}", encode(&pairs)))
    }

    /// Accepts the request of a kind (`login`, `consent`, `logout`) that an answer leads to, and
    /// opens the address that comes back.
    #[track_caller]
    pub(crate) fn accept(&mut self, kind: &str, leads_to: &Answer, body: &Value) -> Answer {
        let challenge = leads_to.location_param(&format!("{kind}_challenge"));
        let back = Call::json("PUT", accept_path(kind, &challenge), body)
            .send(self.admin)
            .expect(200)
            .json();
        self.open(back["redirect_to"].as_str().unwrap())
    }

    /// Walks from the authorization endpoint to the code.
    #[track_caller]
    pub(crate) fn code(&mut self, client: &Client, subject: &str, scope: &str) -> String {
        let to_login = self.authorize(client, scope, &[]).expect(302);
        let login = json!({ "subject": subject, "remember": true, "remember_for": 3600 });
        let to_consent = self.accept("login", &to_login, &login).expect(302);
        let scopes: Vec<&str> = scope.split(' ').collect();
        let consent = json!({
            "grant_scope": scopes,
            "session": {
                "id_token": { "email": "ada@example.org" },
                "access_token": { "plan": "gold" },
            },
        });
        let to_client = self.accept("consent", &to_consent, &consent).expect(303);
        to_client.location_param("code")
    }
}

/// Where a login, consent or logout app accepts a request.
pub(crate) fn accept_path(kind: &str, challenge: &str) -> String {
    let parameter = format!("{kind}_challenge");
    let query = encode(&[(parameter.as_str(), challenge)]);
    format!("/admin/oauth2/auth/requests/{kind}/accept?{query}")
}
