use http::StatusCode;
use serde_json::Value;

use super::{
    browser::{Browser, Page},
    report::Fault,
};
use crate::{
    DemoClient, DemoConfig,
    accounts::{ACCOUNTS, Account, PASSWORD},
    http_client::{Answer, Call, without_query},
};

/// The status of the step and what it brought.
pub(super) type Done<T> = Result<(StatusCode, T), Fault>;

/// What a button of the tokens page did.
pub(super) struct Pressed {
    pub(super) page: Page,
    /// What Hydrus answered; null if it was no JSON.
    pub(super) json: Value,
}

/// A person before the tiny browser: every method is a step, and checks what it brought.
pub(super) struct Visitor<'a> {
    config: &'a DemoConfig,
    client: &'a DemoClient,
    browser: Browser,
    account: &'static Account,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(config: &'a DemoConfig, client: &'a DemoClient) -> Self {
        Self {
            config,
            client,
            browser: Browser::default(),
            account: &ACCOUNTS[0],
        }
    }

    pub(super) async fn discover(&self) -> Done<()> {
        let url = self.config.public_url("/.well-known/openid-configuration");
        let page = Page::of(url.clone(), &Call::get(url).send().await?);
        let json: Value = serde_json::from_str(&page.html).unwrap_or_default();
        let found = json.get("issuer").and_then(Value::as_str).is_some();
        page.must(StatusCode::OK)?;
        page.ensure(found, "a document that names its issuer")?;
        Ok((page.status, ()))
    }

    pub(super) async fn client_credentials(&self) -> Done<()> {
        let url = self.config.public_url("/oauth2/token");
        let answer = Call::post_form(url.clone(), &[("grant_type", "client_credentials")])
            .basic(&self.client.id, self.client.secret.expose())
            .send()
            .await?;
        let json: Value = answer.json().unwrap_or_default();
        if answer.status == StatusCode::OK && json.get("access_token").is_some() {
            return Ok((answer.status, ()));
        }
        // Only now: a right answer holds a token and is not shown.
        let page = Page::of(url, &answer);
        Err(page.unlike("an access token"))
    }

    pub(super) async fn open_home(&mut self) -> Done<Page> {
        let page = self.open("/").await?;
        page.with_form("start-login", StatusCode::OK)
    }

    pub(super) async fn start(&mut self, home: &Page) -> Done<Page> {
        let page = self.browser.submit(home, "start-login", &[]).await?;
        page.with_form("login", StatusCode::OK)
    }

    pub(super) async fn wrong_password(&mut self, login: &Page) -> Done<Page> {
        let email = self.account.email;
        let filled = [
            ("email", email),
            ("password", "wrong"),
            ("action", "log-in"),
        ];
        let page = self.browser.submit(login, "login", &filled).await?;
        let (status, page) = page.with_form("login", StatusCode::UNAUTHORIZED)?;
        page.text("error-summary")?;
        let fields = page.form("login")?.fields;
        let kept = fields.iter().any(|(n, v)| n == "email" && v == email);
        page.ensure(kept, "a form that keeps the address")?;
        Ok((status, page))
    }

    pub(super) async fn right_password(&mut self, login: &Page) -> Done<Page> {
        let filled = [
            ("password", PASSWORD),
            ("remember", "yes"),
            ("action", "log-in"),
        ];
        let page = self.browser.submit(login, "login", &filled).await?;
        page.with_form("consent", StatusCode::OK)
    }

    pub(super) async fn forged_answer(&mut self) -> Done<()> {
        let page = self.open("/callback?code=forged&state=forged").await?;
        page.must(StatusCode::BAD_REQUEST)?;
        Ok((page.status, ()))
    }

    pub(super) async fn allow(&mut self, consent: &Page) -> Done<Page> {
        let filled = [("remember", "yes"), ("action", "allow")];
        let page = self.browser.submit(consent, "consent", &filled).await?;
        let (status, page) = self.at_tokens(page)?;
        let granted = page.text("granted-scope")?;
        let scope = &self.client.scope;
        page.ensure(
            granted == *scope,
            &format!("the scope {scope}, not {granted}"),
        )?;
        let claims = Self::claims(&page)?;
        let email = claims.get("email").and_then(Value::as_str);
        let right = email == Some(self.account.email);
        page.ensure(right, "an ID token with the address of the account")?;
        Ok((status, page))
    }

    /// The claims of the ID token that a tokens page shows.
    pub(super) fn claims(tokens: &Page) -> Result<Value, Fault> {
        let text = tokens.text("id-token-claims")?;
        serde_json::from_str(&text).map_err(|_| tokens.unlike("the claims as JSON"))
    }

    pub(super) async fn userinfo(&mut self, tokens: &Page, claims: &Value) -> Done<Pressed> {
        let (status, pressed) = self.press(tokens, "userinfo", &[]).await?;
        let Pressed { page, json } = &pressed;
        page.ensure(status == StatusCode::OK, "status 200 from userinfo")?;
        let same = json.get("sub").is_some() && json.get("sub") == claims.get("sub");
        page.ensure(same, "the subject of the ID token")?;
        Ok((status, pressed))
    }

    pub(super) async fn introspect(
        &mut self,
        tokens: &Page,
        which: &str,
        active: bool,
    ) -> Done<Pressed> {
        let (status, pressed) = self
            .press(tokens, "introspect", &[("which", which)])
            .await?;
        let found = pressed.json.get("active").and_then(Value::as_bool);
        let wanted = format!("\"active\": {active} for the {which}");
        pressed.page.ensure(found == Some(active), &wanted)?;
        Ok((status, pressed))
    }

    pub(super) async fn refresh(&mut self, tokens: &Page) -> Done<Page> {
        let (status, Pressed { page, json }) = self.press(tokens, "refresh", &[]).await?;
        page.ensure(
            status == StatusCode::OK,
            "status 200 from the token endpoint",
        )?;
        for name in ["access_token", "refresh_token", "id_token"] {
            page.ensure(json.get(name).is_some(), &format!("a new {name}"))?;
        }
        Ok((status, page))
    }

    pub(super) async fn refresh_refused(&mut self, tokens: &Page) -> Done<()> {
        let (status, pressed) = self.press(tokens, "refresh", &[]).await?;
        let wanted = "a refusal of the revoked refresh token";
        pressed.page.ensure(status.is_client_error(), wanted)?;
        Ok((status, ()))
    }

    pub(super) async fn revoke(&mut self, tokens: &Page) -> Done<Page> {
        let (status, pressed) = self.press(tokens, "revoke", &[]).await?;
        let page = pressed.page;
        page.ensure(
            status == StatusCode::OK,
            "status 200 from the revocation endpoint",
        )?;
        Ok((status, page))
    }

    pub(super) async fn come_again(&mut self, home: &Page, before: &Value) -> Done<Page> {
        let page = self.browser.submit(home, "start-login", &[]).await?;
        let (status, page) = self.at_tokens(page)?;
        let now = Self::claims(&page)?;
        for claim in ["sub", "sid", "auth_time"] {
            let same = now.get(claim).is_some() && now.get(claim) == before.get(claim);
            page.ensure(same, &format!("the same {claim} as in the first ID token"))?;
        }
        let another = now.get("jti") != before.get("jti");
        page.ensure(another, "another ID token than the first")?;
        Ok((status, page))
    }

    pub(super) async fn sign_out(&mut self, tokens: &Page) -> Done<Page> {
        let page = self.browser.submit(tokens, "sign-out", &[]).await?;
        page.with_form("logout", StatusCode::OK)
    }

    pub(super) async fn confirm_logout(&mut self, logout: &Page) -> Done<()> {
        let filled = [("action", "log-out")];
        let page = self.browser.submit(logout, "logout", &filled).await?;
        page.must(StatusCode::OK)?;
        let there = page.is_at(&self.config.logged_out_url());
        page.ensure(there, "the page after logout")?;
        let home = self.open("/").await?;
        let out = home.form("start-login").is_ok() && !home.html.contains("href=\"/tokens\"");
        home.ensure(out, "a start page that knows nobody")?;
        Ok((page.status, ()))
    }

    /// Presses a button of the tokens page; the status is that of Hydrus' answer.
    async fn press(&mut self, tokens: &Page, form: &str, filled: &[(&str, &str)]) -> Done<Pressed> {
        let page = self.browser.submit(tokens, form, filled).await?;
        let (_, page) = self.at_tokens(page)?;
        let status = page.text("result-status")?.parse();
        let status = status.map_err(|_| page.unlike("a status"))?;
        let json = serde_json::from_str(&page.text("result-body")?).unwrap_or_default();
        Ok((status, Pressed { page, json }))
    }

    async fn open(&mut self, path: &str) -> Result<Page, Fault> {
        let address = self.config.origin() + path;
        match address.parse() {
            Ok(url) => self.browser.open(url).await,
            Err(e) => Err(Fault::Address(format!("{address}: {e}"))),
        }
    }

    fn at_tokens(&self, page: Page) -> Done<Page> {
        page.must(StatusCode::OK)?;
        let there = page.is_at(&(self.config.origin() + "/tokens"));
        page.ensure(there, "the page with the tokens")?;
        Ok((page.status, page))
    }
}

impl Page {
    fn of(url: url::Url, answer: &Answer) -> Self {
        Self {
            url,
            status: answer.status,
            html: answer.text(),
        }
    }

    fn with_form(self, id: &str, status: StatusCode) -> Done<Self> {
        self.must(status)?;
        self.form(id)?;
        Ok((status, self))
    }

    fn must(&self, status: StatusCode) -> Result<(), Fault> {
        self.ensure(self.status == status, &format!("status {status}"))
    }

    fn ensure(&self, holds: bool, wanted: &str) -> Result<(), Fault> {
        if holds {
            Ok(())
        } else {
            Err(self.unlike(wanted))
        }
    }

    fn unlike(&self, wanted: &str) -> Fault {
        Fault::expected(wanted, self)
    }

    fn is_at(&self, address: &str) -> bool {
        without_query(&self.url) == address
    }
}
