//! Telling resource servers about tokens (RFC 7662).

use crypto::TokenKind;
use oauth_types::{Params, RefreshSignature, StoreResult, Timestamp};
use serde_json::{Map, Value};

use crate::access_token::is_jwt;
use crate::claims::{sorted_members, through_doubles};
use crate::session::Session;
use crate::{AccessRecord, Core, TokenPolicy};

/// The answer of the introspection endpoint.
#[derive(Clone, Debug, PartialEq)]
pub enum Introspection {
    /// The token is not good, for whatever reason.
    Inactive,
    /// The token is good.
    Active(Box<ActiveToken>),
}

/// What is told about a good token.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveToken {
    /// Granted scopes, joined.
    pub scope: String,
    /// Whose token it is.
    pub client_id: String,
    /// The real subject; for machines the client id.
    pub sub: String,
    /// The subject as the client sees it, where that differs.
    pub obfuscated_subject: Option<String>,
    /// When it ends, seconds; `None`: never.
    pub exp: Option<i64>,
    /// When it was made, seconds; also from when on it is good.
    pub iat: i64,
    /// Granted audiences.
    pub aud: Vec<String>,
    /// The issuer.
    pub iss: String,
    /// `access_token` or `refresh_token`.
    pub token_use: &'static str,
    /// Custom claims; may be empty.
    pub ext: Map<String, Value>,
}

/// A token that is good, before it is told about.
pub(crate) struct Good {
    session: Session,
    client_id: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
    token_use: &'static str,
}

impl Core {
    /// Answers an introspection request; errors of any kind count as an inactive token, but are
    /// logged.
    pub async fn introspect(
        &self,
        form: &Params,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Introspection {
        let token = form.text("token");
        let good = match self
            .good_token(token, form.text("token_type_hint"), now)
            .await
        {
            Ok(Some(good)) => good,
            Ok(None) => return Introspection::Inactive,
            Err(error) => {
                tracing::error!(%error, "a token could not be introspected");
                return Introspection::Inactive;
            }
        };
        let wanted = form.text("scope").split(' ').filter(|s| !s.is_empty());
        let granted = good.session.scope.iter().cloned().collect();
        if policy.scopes.first_refused(&granted, wanted).is_some() {
            return Introspection::Inactive;
        }
        let session = good.session;
        let mut ext = session.extra;
        ext.values_mut().for_each(through_doubles);
        let differs =
            !session.client_subject.is_empty() && session.client_subject != session.subject;
        Introspection::Active(Box::new(ActiveToken {
            scope: granted.join(),
            client_id: good.client_id,
            sub: session.subject,
            obfuscated_subject: differs.then_some(session.client_subject),
            exp: (!good.expires_at.is_never()).then(|| good.expires_at.as_secs()),
            iat: good.issued_at.as_secs(),
            aud: session.audience,
            iss: policy.issuer.clone(),
            token_use: good.token_use,
            ext: sorted_members(ext),
        }))
    }

    async fn good_token(
        &self,
        token: &str,
        hint: &str,
        now: Timestamp,
    ) -> StoreResult<Option<Good>> {
        if hint == "refresh_token" {
            match self.good_refresh(token, now).await? {
                None => self.good_access(token, now).await,
                found => Ok(found),
            }
        } else {
            match self.good_access(token, now).await? {
                None => self.good_refresh(token, now).await,
                found => Ok(found),
            }
        }
    }

    /// The MAC is checked before the database is asked: forged tokens cost no statement.
    async fn good_access(&self, token: &str, now: Timestamp) -> StoreResult<Option<Good>> {
        let jwt = is_jwt(token);
        if !jwt && self.secrets.check(TokenKind::AccessToken, token).is_err() {
            return Ok(None);
        }
        if jwt && !matches!(self.check_jwt(token, now).await, Ok(Ok(()))) {
            return Ok(None);
        }
        let Some(record) = self.stored_access(token).await? else {
            return Ok(None);
        };
        if record.expires_at < now {
            return Ok(None);
        }
        let session =
            self.vault()
                .open(&record.payload, "access token", record.signature.as_str())?;
        Ok(Some(Good {
            session,
            client_id: record.client_id.into_string(),
            issued_at: record.issued_at,
            expires_at: record.expires_at,
            token_use: "access_token",
        }))
    }

    pub(crate) async fn good_refresh(
        &self,
        token: &str,
        now: Timestamp,
    ) -> StoreResult<Option<Good>> {
        if self.secrets.check(TokenKind::RefreshToken, token).is_err() {
            return Ok(None);
        }
        let Some(signature) = crypto::signature_part(token) else {
            return Ok(None);
        };
        let found = self
            .grants
            .refresh(&RefreshSignature::new(signature))
            .await?;
        let Some(found) = found.map(|f| f.record).filter(|f| f.live) else {
            return Ok(None);
        };
        let record = found.record;
        if record.expires_at < now {
            return Ok(None);
        }
        let session =
            self.vault()
                .open(&record.payload, "refresh token", record.signature.as_str())?;
        Ok(Some(Good {
            session,
            client_id: record.client_id.into_string(),
            issued_at: record.issued_at,
            expires_at: record.expires_at,
            token_use: "refresh_token",
        }))
    }

    /// The row of an access token, whatever proof it carries.
    pub(crate) async fn stored_access(&self, token: &str) -> StoreResult<Option<AccessRecord>> {
        let Some(signature) = Self::access_key(token) else {
            return Ok(None);
        };
        Ok(self
            .grants
            .access(&signature)
            .await?
            .map(|found| found.record))
    }
}
