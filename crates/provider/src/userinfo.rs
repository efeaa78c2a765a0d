//! Userinfo, discovery and published keys.

use std::sync::Arc;

use jwk_store::{ID_TOKEN_KEYS, JWT_ACCESS_TOKEN_KEYS};
use oauth_core::{AccessTokenStrategy, Discovery, UserinfoError};
use oauth_types::{ErrorCode, FormBody, OAuthError, Params};
use serde_json::{Map, Value};

use crate::Provider;

/// What a userinfo request says.
#[derive(Clone, Debug)]
pub struct UserinfoRequest<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The raw query.
    pub query: &'a str,
    /// The body of a POST.
    pub form: FormBody,
}

/// What userinfo answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Userinfo {
    /// As JSON.
    Claims(Map<String, Value>),
    /// Signed.
    Jwt(String),
}

/// Where an access token may stand (RFC 6750 §2): the header; else a form, else the query; of a
/// multipart form the query comes first.
pub(crate) fn presented_token(request: &UserinfoRequest<'_>) -> String {
    if let Some((scheme, token)) = request.authorization.and_then(|a| a.split_once(' '))
        && scheme.eq_ignore_ascii_case("bearer")
        && !token.is_empty()
    {
        return token.to_owned();
    }
    let query = Params::parse(request.query);
    let query = query.first("access_token").unwrap_or_default();
    let form = |params: &Params| params.first("access_token").map(str::to_owned);
    match &request.form {
        FormBody::Urlencoded(params) => form(params).unwrap_or_else(|| query.to_owned()),
        FormBody::Multipart(params) if query.is_empty() => form(params).unwrap_or_default(),
        FormBody::Multipart(_) | FormBody::None | FormBody::Broken => query.to_owned(),
    }
}

impl Provider {
    /// The userinfo endpoint (OpenID Connect Core §5.3).
    ///
    /// # Errors
    /// What the caller is told, with its `WWW-Authenticate` header.
    pub async fn userinfo(&self, request: &UserinfoRequest<'_>) -> Result<Userinfo, UserinfoError> {
        let policy = self.policy();
        let now = self.now();
        let token = presented_token(request);
        let told = self.core.userinfo(&token, &policy.tokens, now).await?;
        let client = self
            .clients
            .fresh(&told.client_id)
            .await
            .map_err(OAuthError::from)?;
        let wanted = client
            .map(|c| c.userinfo_signed_response_alg.clone())
            .unwrap_or_default();
        match wanted.as_str() {
            "" | "none" => Ok(Userinfo::Claims(told.claims)),
            "RS256" => Ok(Userinfo::Jwt(
                self.core.sign_userinfo(told.claims, now).await?,
            )),
            other => Err(OAuthError::new(ErrorCode::ServerError)
                .hint(format!("Unsupported userinfo signing algorithm '{other}'."))
                .into()),
        }
    }

    /// The discovery document (OpenID Connect Discovery §4).
    ///
    /// # Errors
    /// If the signing key can be neither read nor made.
    pub async fn discovery(&self) -> Result<Discovery, OAuthError> {
        self.core.discovery(self.policy().discovery.clone()).await
    }

    /// The published keys as JSON text (RFC 7517 §5). Sets that do not exist yet are made.
    ///
    /// # Errors
    /// If keys can be neither read nor made.
    pub async fn jwks(&self) -> Result<Arc<str>, OAuthError> {
        let policy = self.policy();
        let jwt = policy.tokens.access_tokens == AccessTokenStrategy::Jwt;
        let standing = [jwt.then_some(JWT_ACCESS_TOKEN_KEYS), Some(ID_TOKEN_KEYS)];
        let configured = policy.broadcast_keys.iter().map(String::as_str);
        let mut sets: Vec<&str> = Vec::new();
        for set in configured.chain(standing.into_iter().flatten()) {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        let mut keys = Vec::new();
        for set in sets {
            let set = self.keys.published(set).await?;
            keys.extend(set.public_keys().map(|key| key.to_json_text()));
        }
        Ok(format!("{{\"keys\":[{}]}}", keys.join(",")).into())
    }
}
