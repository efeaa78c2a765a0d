//! Telling a client about its user (OpenID Connect Core §5.3).

use crypto::{TokenFault, TokenKind};
use jwk_store::ID_TOKEN_KEYS;
use oauth_types::{ClientId, EntropyExt, ErrorCode, OAuthError, Timestamp};
use serde_json::{Map, Value, json};

use crate::access_token::{JwtFault, is_jwt};
use crate::claims::{sorted_json, sorted_members};
use crate::id_token::user_claims;
use crate::session::Session;
use crate::{Core, TokenPolicy};

/// Why userinfo is refused.
#[derive(Debug)]
pub struct UserinfoError {
    /// The body.
    pub error: OAuthError,
    /// The `WWW-Authenticate` header (RFC 6750 §3), if there is one.
    pub www_authenticate: Option<String>,
}

impl From<OAuthError> for UserinfoError {
    fn from(error: OAuthError) -> Self {
        Self {
            error,
            www_authenticate: None,
        }
    }
}

/// The claims and whose client they are for.
#[derive(Debug)]
pub struct UserClaims {
    /// The client of the token.
    pub client_id: ClientId,
    /// What is told.
    pub claims: Map<String, Value>,
}

impl Core {
    /// Reads the claims that an access token gives a right to. Hydra: `openid` is not required.
    ///
    /// # Errors
    /// What the caller is told.
    pub async fn userinfo(
        &self,
        token: &str,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<UserClaims, UserinfoError> {
        if token.is_empty() {
            return Err(unauthorized());
        }
        let stored = self.stored_access(token).await.map_err(OAuthError::from)?;
        let Some(record) = stored else {
            return Err(self.not_an_access_token(token, now).await);
        };
        if is_jwt(token) {
            match self.check_jwt(token, now).await? {
                Ok(()) => {}
                Err(fault) => return Err(jwt_fault(&fault)),
            }
        } else {
            if record.expires_at < now {
                let hint = format!(
                    "Access token expired at '{}'.",
                    record.expires_at.floor_to_secs().to_text()
                );
                return Err(bearer(OAuthError::new(ErrorCode::TokenExpired).hint(hint)));
            }
            match self.secrets.check(TokenKind::AccessToken, token) {
                Ok(()) => {}
                Err(TokenFault::Mismatch) => {
                    return Err(OAuthError::new(ErrorCode::TokenSignatureMismatch).into());
                }
                Err(TokenFault::Malformed | TokenFault::NotBase64) => {
                    return Err(OAuthError::new(ErrorCode::InvalidTokenFormat).into());
                }
            }
        }
        let session: Session = self
            .vault()
            .open(&record.payload, "access token", record.signature.as_str())
            .map_err(OAuthError::from)?;
        let mut claims = user_claims(&session, &session.acr);
        for name in ["nonce", "at_hash", "c_hash", "exp", "sid", "jti"] {
            claims.remove(name);
        }
        claims.insert("aud".into(), json!([record.client_id.as_str()]));
        claims.insert("iat".into(), json!(record.issued_at.as_secs()));
        claims.insert("iss".into(), json!(policy.issuer));
        Ok(UserClaims {
            client_id: record.client_id,
            claims: sorted_members(claims),
        })
    }

    /// Signs claims for a client that wants them so. Hydra: the algorithm is that of the newest ID
    /// token key.
    ///
    /// # Errors
    /// If the keys cannot be used.
    pub async fn sign_userinfo(
        &self,
        mut claims: Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, OAuthError> {
        claims.insert("jti".into(), json!(self.entropy.uuid()));
        claims.insert("iat".into(), json!(now.as_secs()));
        Ok(self.keys.sign(ID_TOKEN_KEYS, sorted_json(claims)).await?)
    }

    async fn not_an_access_token(&self, token: &str, now: Timestamp) -> UserinfoError {
        if self.is_live_refresh_token(token, now).await {
            return UserinfoError {
                error: ErrorCode::Unrecognizable.into(),
                www_authenticate: Some(
                    "Bearer error=\"invalid_token\",error_description=\"Only access tokens are \
                     allowed in the authorization header.\""
                        .into(),
                ),
            }
            .with_status_401();
        }
        unauthorized()
    }

    async fn is_live_refresh_token(&self, token: &str, now: Timestamp) -> bool {
        matches!(self.good_refresh(token, now).await, Ok(Some(_)))
    }
}

impl UserinfoError {
    /// Hydra: a refresh token gets the unnamed error's body with another status.
    fn with_status_401(mut self) -> Self {
        self.error = OAuthError::custom(
            self.error.name().to_owned(),
            401,
            self.error.description(false),
            String::new(),
            String::new(),
        );
        self
    }
}

fn unauthorized() -> UserinfoError {
    bearer(ErrorCode::RequestUnauthorized.into())
}

/// An error that the header repeats. Hydra: no blank behind the comma.
fn bearer(error: OAuthError) -> UserinfoError {
    let header = format!(
        "Bearer error=\"{}\",error_description=\"{}\"",
        error.name(),
        error.description(false)
    );
    UserinfoError {
        error,
        www_authenticate: Some(header),
    }
}

fn jwt_fault(fault: &JwtFault) -> UserinfoError {
    match fault {
        JwtFault::Expired => bearer(ErrorCode::TokenExpired.into()),
        JwtFault::FromTheFuture => bearer(ErrorCode::TokenClaim.into()),
        JwtFault::Signature => OAuthError::new(ErrorCode::TokenSignatureMismatch).into(),
    }
}
