use std::sync::Arc;

use oauth_types::{FormBody, Params};
use provider::{
    AcceptConsent, AcceptLogin, BrowserAnswer, BrowserRequest, CookieChange, CookieLifetime,
    Cookies, Go, Provider, Requested,
};

use crate::TestClient;

/// A browser, together with login and consent apps that agree to everything.
pub struct Robot {
    provider: Arc<Provider>,
    /// What the browser remembers.
    pub cookies: Cookies,
    /// What the last answer changed of that.
    pub changed: Vec<CookieChange>,
}

impl Robot {
    pub(crate) fn new(provider: Arc<Provider>) -> Self {
        Self {
            provider,
            cookies: Cookies::default(),
            changed: Vec::new(),
        }
    }

    /// Visits the authorization endpoint with a raw query and keeps the cookies.
    pub async fn visit(&mut self, query: &str) -> Go {
        let path_and_query = format!("/oauth2/auth?{query}");
        let request = get(query, &path_and_query, &self.cookies);
        let answer = self.provider.authorize(&request).await;
        self.keep(answer)
    }

    /// Visits the logout endpoint with a raw query and keeps the cookies.
    pub async fn log_out(&mut self, query: &str) -> Go {
        let path_and_query = format!("/oauth2/sessions/logout?{query}");
        let request = get(query, &path_and_query, &self.cookies);
        let answer = self.provider.logout(&request).await;
        self.keep(answer)
    }

    fn keep(&mut self, answer: BrowserAnswer) -> Go {
        for change in &answer.cookies {
            self.cookies.0.retain(|(name, _)| *name != change.name);
            if change.lifetime != CookieLifetime::Removed {
                self.cookies
                    .0
                    .push((change.name.clone(), change.value.clone()));
            }
        }
        self.changed = answer.cookies;
        answer.go
    }

    /// Accepts the login request that the browser was sent away with; returns the query to go on
    /// with.
    ///
    /// # Panics
    /// If the browser was not sent to the login app, or the request is not there.
    pub async fn log_in(&mut self, go: &Go, user: &str, remember: bool) -> String {
        let accept = AcceptLogin {
            subject: user.into(),
            remember,
            ..AcceptLogin::default()
        };
        self.log_in_as(go, accept).await
    }

    /// The same in the words of the test.
    ///
    /// # Panics
    /// If the browser was not sent to the login app, or the request is not there.
    pub async fn log_in_as(&mut self, go: &Go, accept: AcceptLogin) -> String {
        let challenge = param_of(go, "login_challenge");
        let request = self.provider.login_request(&challenge).await;
        assert!(matches!(request, Ok(Requested::Open(_))), "{request:?}");
        query_of(self.provider.accept_login(&challenge, Ok(accept)).await)
    }

    /// Grants the consent request that the browser was sent away with.
    ///
    /// # Panics
    /// If the browser was not sent to the consent app, or the request is not there.
    pub async fn consent(&mut self, go: &Go, scope: &str) -> String {
        let accept = AcceptConsent {
            grant_scope: scope.split_whitespace().map(str::to_owned).collect(),
            ..AcceptConsent::default()
        };
        self.consent_as(go, accept).await
    }

    /// The same in the words of the test.
    ///
    /// # Panics
    /// If the browser was not sent to the consent app, or the request is not there.
    pub async fn consent_as(&mut self, go: &Go, accept: AcceptConsent) -> String {
        let challenge = param_of(go, "consent_challenge");
        query_of(self.provider.accept_consent(&challenge, Ok(accept)).await)
    }

    /// Walks through the code flow; returns the code.
    ///
    /// # Panics
    /// If the flow ends otherwise.
    pub async fn code(&mut self, client: &TestClient, user: &str, scope: &str) -> String {
        let to_client = self.walk(client, user, scope, "code").await;
        param_of(&to_client, "code")
    }

    /// Walks through a flow of any response type; returns where the browser is sent in the end.
    ///
    /// # Panics
    /// If there is no login or consent request on the way.
    pub async fn walk(
        &mut self,
        client: &TestClient,
        user: &str,
        scope: &str,
        response_type: &str,
    ) -> Go {
        let params = Params::from_iter([
            ("client_id", client.id.as_str()),
            ("response_type", response_type),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("scope", scope),
            ("nonce", "nonce-0123456789"),
            ("state", "state-0123456789"),
        ]);
        let to_login = self.visit(&params.encode_sorted()).await;
        let back = self.log_in(&to_login, user, true).await;
        let to_consent = self.visit(&back).await;
        let back = self.consent(&to_consent, scope).await;
        self.visit(&back).await
    }
}

fn query_of(redirect_to: Result<String, oauth_types::OAuthError>) -> String {
    let url = redirect_to.unwrap_or_default();
    url.split_once('?')
        .map(|(_, query)| query.to_owned())
        .unwrap_or_default()
}

fn get<'a>(query: &'a str, path_and_query: &'a str, cookies: &'a Cookies) -> BrowserRequest<'a> {
    BrowserRequest {
        post: false,
        query,
        form: FormBody::None,
        raw_form: None,
        path_and_query,
        cookies,
    }
}

/// A parameter of the query of the address that a browser was sent to.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn param_of(go: &Go, name: &str) -> String {
    let (Go::App(url) | Go::Client(url) | Go::ErrorPage(url) | Go::Target(url)) = go else {
        return String::new();
    };
    let query = url
        .split_once('?')
        .map(|(_, query)| query)
        .unwrap_or_default();
    let value = Params::parse(query).text(name).to_owned();
    assert!(!value.is_empty(), "{name} is not in {url}");
    value
}
