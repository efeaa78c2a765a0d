//! Userinfo, discovery and published keys.

use std::sync::Arc;

use jwk_store::{ID_TOKEN_KEYS, JWT_ACCESS_TOKEN_KEYS};
use oauth_core::{AccessTokenStrategy, Discovery, UserinfoError};
use oauth_types::{ErrorCode, OAuthError};
use serde_json::{Map, Value};

use crate::{BearerRequest, Provider};

/// What userinfo answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Userinfo {
    /// As JSON.
    Claims(Map<String, Value>),
    /// Signed.
    Jwt(String),
}

impl Provider {
    /// The userinfo endpoint (OpenID Connect Core §5.3).
    ///
    /// # Errors
    /// What the caller is told, with its `WWW-Authenticate` header.
    pub async fn userinfo(&self, request: &BearerRequest<'_>) -> Result<Userinfo, UserinfoError> {
        let policy = self.policy();
        let now = self.now();
        let token = request.token();
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
        let configured = policy.broadcast_keys.iter().map(String::as_str);
        let mut sets: Vec<&str> = Vec::new();
        let first = jwt.then_some(JWT_ACCESS_TOKEN_KEYS).into_iter();
        for set in first.chain(configured).chain([ID_TOKEN_KEYS]) {
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
