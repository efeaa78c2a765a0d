//! Asking somebody else before tokens are handed out.
//!
//! Hydra: the refresh token hook. It is asked after every check of a refresh and before anything is
//! written, so that a refusal leaves all tokens as they were. It may replace the custom claims.

use client_registry::Client;
use jwk_store::{ID_TOKEN_KEYS, JWT_ACCESS_TOKEN_KEYS};
use oauth_types::{ErrorCode, FetchError, FetchRequest, OAuthError, Timestamp};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use crate::policy::AccessTokenStrategy;
use crate::session::Session;
use crate::{Core, RefreshRecord, TokenPolicy};

/// How Hydra writes "no time".
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// What the hook is told beside the session.
pub(crate) struct RefreshHookCall<'a> {
    pub(crate) client: &'a Client,
    pub(crate) record: &'a RefreshRecord,
    /// When the new access token will expire.
    pub(crate) access_expires_at: Timestamp,
    /// When the new refresh token will expire.
    pub(crate) refresh_expires_at: Timestamp,
}

impl Core {
    /// Asks the hook, if there is one, and puts the claims that it answers into the session.
    ///
    /// # Errors
    /// What the client is told if the hook refuses or fails.
    pub(crate) async fn ask_refresh_hook(
        &self,
        call: RefreshHookCall<'_>,
        session: &mut Session,
        policy: &TokenPolicy,
    ) -> Result<(), OAuthError> {
        let Some(url) = &policy.refresh_hook else {
            return Ok(());
        };
        let body = self.hook_body(&call, session, policy).await?;
        let kind = "application/json; charset=UTF-8";
        let request = FetchRequest::post(url, kind, body.to_string().into_bytes(), policy.reach)
            .follow(FetchRequest::REDIRECTS);
        let answer = self.fetch.fetch(request).await.map_err(|error| {
            let text = match error {
                FetchError::Address(_) => {
                    "An error occurred while preparing the refresh token hook."
                }
                FetchError::TooLong => TARGET_FAILED,
                _ => "An error occurred while executing the refresh token hook.",
            };
            failed(ErrorCode::ServerError, text).debug(error.to_string())
        })?;
        match answer.status {
            204 => Ok(()),
            200 => {
                let claims = HookClaims::read(&answer.body)
                    .ok_or_else(|| failed(ErrorCode::ServerError, TARGET_FAILED))?;
                session.extra = claims.access_token;
                // Hydra: the session's id is one of the claims that are replaced.
                session.sid = None;
                session.id_claims = claims.id_token;
                Ok(())
            }
            403 => Err(failed(ErrorCode::AccessDenied, TARGET_FAILED)),
            status => Err(failed(ErrorCode::ServerError, TARGET_FAILED)
                .debug(format!("The hook answered with status {status}."))),
        }
    }

    async fn hook_body(
        &self,
        call: &RefreshHookCall<'_>,
        session: &Session,
        policy: &TokenPolicy,
    ) -> Result<Value, OAuthError> {
        let id_kid = self.signing_kid(ID_TOKEN_KEYS).await?;
        let kid = match policy.access_tokens {
            AccessTokenStrategy::Jwt => self.signing_kid(JWT_ACCESS_TOKEN_KEYS).await?,
            AccessTokenStrategy::Opaque => String::new(),
        };
        let client_id = call.client.id.as_str();
        let time = |secs: Option<i64>| {
            secs.map_or(NO_TIME.to_owned(), |s| Timestamp::from_secs(s).to_rfc3339())
        };
        let mut ext = session.id_claims.clone();
        if let Some(sid) = &session.sid {
            ext.insert("sid".into(), json!(sid));
        }
        let mut expires_at = Map::new();
        let access = call.access_expires_at.to_rfc3339();
        expires_at.insert("access_token".into(), json!(access));
        // The code is gone; it was good from about the time of the request.
        let code = session.rat.map(|at| {
            Timestamp::from_secs(at)
                .plus(policy.lifespans.auth_code)
                .as_secs()
        });
        expires_at.insert("authorize_code".into(), json!(time(code)));
        if !call.refresh_expires_at.is_never() {
            let refresh = call.refresh_expires_at.to_rfc3339();
            expires_at.insert("refresh_token".into(), json!(refresh));
        }
        let issued_at = call.record.issued_at.floor_to_secs().to_rfc3339();
        Ok(json!({
            "subject": session.subject,
            "session": {
                "id_token": {
                    "id_token_claims": {
                        "jti": "",
                        "iss": policy.issuer,
                        "sub": session.client_subject,
                        "aud": [client_id],
                        "nonce": session.nonce,
                        "exp": NO_TIME,
                        "iat": issued_at,
                        "rat": time(session.rat),
                        "auth_time": time(session.auth_time),
                        "at_hash": "",
                        "acr": session.acr,
                        "amr": session.amr,
                        "c_hash": "",
                        "ext": ext,
                    },
                    "headers": { "extra": { "kid": id_kid } },
                    "expires_at": expires_at,
                    "username": "",
                    "subject": session.subject,
                },
                "extra": session.extra,
                "kid": kid,
                "client_id": client_id,
                "consent_challenge": call.record.grant_id.as_str(),
                "exclude_not_before_claim": session.exclude_not_before,
                "allowed_top_level_claims": session.allowed_top_level_claims,
            },
            "requester": {
                "client_id": client_id,
                "granted_scopes": session.scope,
                "granted_audience": session.audience,
                "grant_types": ["refresh_token"],
            },
            "client_id": client_id,
            "granted_scopes": session.scope,
            "granted_audience": session.audience,
        }))
    }

    async fn signing_kid(&self, set: &str) -> Result<String, OAuthError> {
        let keys = self.keys.signing(set).await?;
        Ok(keys
            .signer(set)
            .map_or_else(|_| String::new(), |s| s.kid().to_owned()))
    }
}

const TARGET_FAILED: &str = "The refresh token hook target responded with an error.";

/// An error of the catalogue with another description.
fn failed(code: ErrorCode, description: &'static str) -> OAuthError {
    OAuthError::custom(
        code.as_str().to_owned(),
        code.status(),
        description.to_owned(),
        code.default_hint().to_owned(),
        String::new(),
    )
}

/// The claims that a hook answers; what it leaves out is empty.
#[derive(Debug, PartialEq)]
struct HookClaims {
    access_token: Map<String, Value>,
    id_token: Map<String, Value>,
}

impl HookClaims {
    /// Hydra: what stands behind the first JSON value does not count.
    fn read(body: &[u8]) -> Option<Self> {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let answer = Value::deserialize(&mut reader).ok()?;
        let session = member(&answer, "session")?;
        Some(Self {
            access_token: object(member(&session, "access_token")?)?,
            id_token: object(member(&session, "id_token")?)?,
        })
    }
}

/// A member of an object; `null` for one that is missing, as for a member of `null`.
fn member(of: &Value, name: &str) -> Option<Value> {
    match of {
        Value::Null => Some(Value::Null),
        Value::Object(members) => Some(members.get(name).cloned().unwrap_or_default()),
        _ => None,
    }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Null => Some(Map::new()),
        Value::Object(members) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_claims_and_nothing_else() {
        let names = |body: &str| {
            let claims = HookClaims::read(body.as_bytes())?;
            let keys = |m: Map<String, Value>| m.into_iter().map(|(k, _)| k).collect::<Vec<_>>();
            Some([keys(claims.access_token), keys(claims.id_token)])
        };
        let none: [Vec<String>; 2] = [vec![], vec![]];
        for body in [
            "{}",
            "null",
            r#"{"session":{}}"#,
            r#"{"session":null,"more":1}"#,
            r#"{"session":{"access_token":null,"id_token":{}}}"#,
            "{} and more",
        ] {
            assert_eq!(names(body), Some(none.clone()), "{body}");
        }
        let both = r#"{"session":{"access_token":{"a":1},"id_token":{"b":{"c":2}},"x":3}}"#;
        assert_eq!(names(both), Some([vec!["a".into()], vec!["b".into()]]));
        for body in [
            "",
            "[]",
            "1",
            r#"{"session":"#,
            r#"{"session":"x"}"#,
            r#"{"session":[]}"#,
            r#"{"session":{"access_token":[]}}"#,
        ] {
            assert_eq!(names(body), None, "{body}");
        }
    }

    #[test]
    fn a_refusal_keeps_the_hint_of_its_error() {
        let refused = failed(ErrorCode::AccessDenied, TARGET_FAILED).description(false);
        assert!(refused.starts_with("The refresh token hook target responded with an error. Make"));
        let broken = failed(ErrorCode::ServerError, TARGET_FAILED).description(false);
        assert_eq!(broken, TARGET_FAILED);
    }
}
