//! Making and reading access tokens (RFC 6750, RFC 7519).

use client_registry::Client;
use crypto::TokenKind;
use jwk_store::JWT_ACCESS_TOKEN_KEYS;
use oauth_types::{AccessSignature, EntropyExt, ErrorCode, GrantId, OAuthError, Secret, Timestamp};
use serde_json::{Map, Value, json};

use crate::claims::{sorted_json, through_doubles};
use crate::policy::AccessTokenStrategy;
use crate::session::Session;
use crate::{AccessRecord, Core, Generation, TokenPolicy};

/// A new access token and what is kept of it.
pub(crate) struct MadeAccess {
    pub(crate) token: Secret,
    pub(crate) record: AccessRecord,
}

/// What a new access token is about.
pub(crate) struct AccessFor<'a> {
    pub(crate) client: &'a Client,
    pub(crate) session: &'a Session,
    pub(crate) grant: Option<(GrantId, Generation)>,
    pub(crate) expires_at: Timestamp,
}

/// What a JWT access token says of itself.
pub(crate) enum JwtFault {
    Expired,
    Signature,
    FromTheFuture,
}

pub(crate) fn no_secret(_: crypto::NoSecret) -> OAuthError {
    OAuthError::new(ErrorCode::ServerError)
        .debug("No system secret is configured: set secrets.system.")
}

impl Core {
    /// Makes an access token of the kind that the policy asks for.
    pub(crate) async fn make_access(
        &self,
        of: AccessFor<'_>,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<MadeAccess, OAuthError> {
        let token = match policy.access_tokens {
            AccessTokenStrategy::Opaque => {
                self.secrets
                    .mint(TokenKind::AccessToken, &*self.entropy)
                    .map_err(no_secret)?
                    .token
            }
            AccessTokenStrategy::Jwt => {
                let claims = self.jwt_claims(&of, policy, now);
                Secret::new(self.keys.sign(JWT_ACCESS_TOKEN_KEYS, claims).await?)
            }
        };
        let signature = crypto::access_signature(token.expose())
            .ok_or_else(|| OAuthError::new(ErrorCode::ServerError))?;
        let (grant_id, generation) = match of.grant {
            Some((id, generation)) => (Some(id), generation),
            None => (None, Generation::FIRST),
        };
        let record = AccessRecord {
            signature,
            grant_id,
            generation,
            client_id: of.client.id.clone(),
            issued_at: now,
            expires_at: of.expires_at,
            payload: self.vault().close(of.session)?,
        };
        Ok(MadeAccess { token, record })
    }

    fn jwt_claims(&self, of: &AccessFor<'_>, policy: &TokenPolicy, now: Timestamp) -> String {
        const RESERVED: [&str; 10] = [
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "client_id",
            "scp",
            "ext",
        ];
        let session = of.session;
        let mut claims = Map::new();
        let mut extra = session.extra.clone();
        extra.values_mut().for_each(through_doubles);
        for name in &session.allowed_top_level_claims {
            if let (false, Some(value)) = (RESERVED.contains(&name.as_str()), extra.get(name)) {
                claims.insert(name.clone(), value.clone());
            }
        }
        claims.insert("aud".into(), json!(session.audience));
        claims.insert("client_id".into(), json!(of.client.id.as_str()));
        claims.insert("exp".into(), json!(of.expires_at.as_secs()));
        claims.insert("ext".into(), Value::Object(extra));
        claims.insert("iat".into(), json!(now.as_secs()));
        claims.insert("iss".into(), json!(policy.issuer));
        claims.insert("jti".into(), json!(self.entropy.uuid()));
        if !session.exclude_not_before {
            claims.insert("nbf".into(), json!(now.as_secs()));
        }
        claims.insert("scp".into(), json!(session.scope));
        if !session.subject.is_empty() {
            claims.insert("sub".into(), json!(session.subject));
        }
        sorted_json(claims)
    }

    /// Finds what an access token, presented as it was handed out, is stored under.
    pub(crate) fn access_key(presented: &str) -> Option<AccessSignature> {
        crypto::access_signature(presented)
    }

    /// Checks a JWT access token by itself.
    pub(crate) async fn check_jwt(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<(), JwtFault>, OAuthError> {
        let Ok(verified) = self.keys.verify(JWT_ACCESS_TOKEN_KEYS, token).await? else {
            return Ok(Err(JwtFault::Signature));
        };
        let seconds = |name: &str| verified.claims.get(name).and_then(Value::as_f64);
        let now = now.as_secs() as f64;
        if seconds("exp").is_some_and(|exp| exp <= now) {
            return Ok(Err(JwtFault::Expired));
        }
        if ["iat", "nbf"]
            .iter()
            .any(|name| seconds(name).is_some_and(|at| at > now))
        {
            return Ok(Err(JwtFault::FromTheFuture));
        }
        Ok(Ok(()))
    }
}

/// Whether a presented access token has the form of a JWT: three parts.
pub(crate) fn is_jwt(token: &str) -> bool {
    token.split('.').count() == 3
}
