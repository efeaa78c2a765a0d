use http::StatusCode;
use oauth_types::{Secret, Timestamp};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    DemoClient, DemoConfig,
    http_client::{Answer, Call},
    id_token::{self, Expected, IdToken},
    problem::Problem,
};

/// What the provider says about itself (OpenID Connect Discovery §3); what we need of it.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    #[serde(deserialize_with = "address")]
    pub(crate) authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    pub(crate) end_session_endpoint: Url,
    #[serde(deserialize_with = "address")]
    token_endpoint: Url,
    #[serde(deserialize_with = "address")]
    jwks_uri: Url,
    #[serde(deserialize_with = "address")]
    userinfo_endpoint: Url,
    #[serde(deserialize_with = "address")]
    revocation_endpoint: Url,
}

/// A successful answer of the token endpoint (RFC 6749 §5.1).
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    /// Seconds.
    pub(crate) expires_in: i64,
    pub(crate) scope: String,
}

/// Hydrus, as the relying party sees it.
pub(crate) struct Provider {
    pub(crate) client: DemoClient,
    config: DemoConfig,
    metadata: OnceCell<Metadata>,
}

impl Provider {
    pub(crate) fn new(config: DemoConfig, client: DemoClient) -> Self {
        Self {
            client,
            config,
            metadata: OnceCell::new(),
        }
    }

    /// The provider's metadata, fetched once.
    pub(crate) async fn metadata(&self) -> Result<&Metadata, Problem> {
        self.metadata.get_or_try_init(|| self.discover()).await
    }

    async fn discover(&self) -> Result<Metadata, Problem> {
        let url = self.config.public_url("/.well-known/openid-configuration");
        let answer = Call::get(url).send().await?;
        let metadata: Metadata = answer
            .json()
            .ok_or_else(|| unusable("discovery", &answer))?;
        // OpenID Connect Discovery §4.3: the issuer is the address that was asked.
        let asked = self.config.public.as_str();
        if metadata.issuer.trim_end_matches('/') == asked.trim_end_matches('/') {
            return Ok(metadata);
        }
        Err(Problem::new(
            StatusCode::BAD_GATEWAY,
            "This is another issuer",
            "The relying party looks for Hydrus at an address that Hydrus does not call its own.",
        )
        .with_detail(format!("asked {asked}, found {}", metadata.issuer)))
    }

    /// Buys tokens with a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
    pub(crate) async fn redeem(&self, code: &str, verifier: &str) -> Result<Answer, Problem> {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.config.callback_url()),
            ("code_verifier", verifier),
        ])
        .await
    }

    /// Renews tokens (RFC 6749 §6).
    pub(crate) async fn refresh(&self, refresh_token: &Secret) -> Result<Answer, Problem> {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ])
        .await
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<Answer, Problem> {
        let url = self.metadata().await?.token_endpoint.clone();
        let call = Call::post_form(url, form);
        Ok(self.authenticated(call).send().await?)
    }

    /// Ends tokens (RFC 7009).
    pub(crate) async fn revoke(&self, token: &Secret) -> Result<Answer, Problem> {
        let url = self.metadata().await?.revocation_endpoint.clone();
        let call = Call::post_form(url, &[("token", token.expose())]);
        Ok(self.authenticated(call).send().await?)
    }

    /// Asks who the owner of an access token is (OpenID Connect Core §5.3).
    pub(crate) async fn userinfo(&self, access_token: &Secret) -> Result<Answer, Problem> {
        let url = self.metadata().await?.userinfo_endpoint.clone();
        Ok(Call::get(url).bearer(access_token.expose()).send().await?)
    }

    /// Asks what a token is worth (RFC 7662). In earnest a resource server does this, which may
    /// reach the admin port, not the relying party.
    pub(crate) async fn introspect(&self, token: &Secret) -> Result<Answer, Problem> {
        let url = self.config.admin_url("/admin/oauth2/introspect");
        Ok(Call::post_form(url, &[("token", token.expose())])
            .send()
            .await?)
    }

    /// Validates an ID token. The keys are fetched each time; keep them in earnest, and fetch
    /// anew when a token names a key that you do not have.
    pub(crate) async fn validate(
        &self,
        id_token: &str,
        answer: &TokenAnswer,
        nonce: &str,
        same_subject: Option<&str>,
        now: Timestamp,
    ) -> Result<IdToken, Problem> {
        let metadata = self.metadata().await?;
        let keys = Call::get(metadata.jwks_uri.clone()).send().await?;
        let keys: Value = keys.json().ok_or_else(|| unusable("JWKS", &keys))?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &self.client.id,
            nonce,
            access_token: &answer.access_token,
            same_subject,
            now,
        };
        id_token::validate(id_token, &keys, &expected).map_err(|fault| {
            Problem::new(
                StatusCode::BAD_GATEWAY,
                "The ID token is not valid",
                "Hydrus sent an ID token that must not be believed, so nobody was logged in.",
            )
            .with_detail(format!("The ID token was refused: {fault}"))
        })
    }

    fn authenticated(&self, call: Call) -> Call {
        call.basic(&self.client.id, self.client.secret.expose())
    }
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(D::Error::custom)
}

fn unusable(what: &str, answer: &Answer) -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "Hydrus' answer cannot be read",
        "The relying party asked Hydrus about itself and got something unexpected.",
    )
    .with_detail(format!(
        "{what} document, status {}: {}",
        answer.status.as_u16(),
        answer.excerpt()
    ))
}
