//! Refreshing tokens (RFC 6749 §6), with rotation and reuse detection (RFC 9700 §4.14.2).

use client_registry::Client;
use crypto::{TokenFault, TokenKind};
use oauth_types::{
    Audiences, Clock, ErrorCode, OAuthError, Params, RefreshSignature, Scopes, Secret, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{check_grant_type, check_unchanged};
use crate::access_token::AccessFor;
use crate::hooks::RefreshHookCall;
use crate::id_token::IdTokenFor;
use crate::matching::{check_audiences, check_scopes};
use crate::policy::Occasion;
use crate::session::Session;
use crate::{
    Core, FoundRefresh, NewTokens, RepeatableAnswer, Rotated, Rotation, TokenPolicy, TokenResponse,
};

/// An answer as it is kept for a repetition.
#[derive(Serialize, Deserialize)]
struct KeptAnswer {
    access_token: String,
    access_expires_at: i64,
    id_token: Option<String>,
    refresh_token: Option<String>,
    scope: String,
}

impl Core {
    /// Rotates a refresh token for a client that proved who it is. Takes the clock and not a
    /// moment, since a hook may take a while: expiries count from before it, as Hydra's do, and
    /// the ID token is made after it.
    ///
    /// # Errors
    /// What the client is told. `token_inactive` means that the token was used before and that its
    /// grant has ended now.
    pub async fn refresh(
        &self,
        client: &Client,
        form: &Params,
        policy: &TokenPolicy,
        clock: &dyn Clock,
    ) -> Result<TokenResponse, OAuthError> {
        let now = clock.now();
        check_grant_type(client, "refresh_token")?;
        let presented = Secret::new(form.text("refresh_token"));
        let unknown = || OAuthError::new(ErrorCode::InvalidGrant).debug("not_found");
        let signature = crypto::signature_part(presented.expose()).ok_or_else(unknown)?;
        let signature = RefreshSignature::new(signature);
        let found = self.grants.refresh(&signature).await?.ok_or_else(unknown)?;
        let (found, version) = (found.record, found.client_version);
        check_unchanged(client, &found.record.client_id, version)?;
        if !found.live {
            return self.dead_token(client, &presented, found, now).await;
        }
        self.check_refresh(client, &presented, &found, now)?;
        let session: Session =
            self.vault()
                .open(&found.record.payload, "refresh token", signature.as_str())?;
        check_grant_still_allowed(client, &session, policy)?;
        self.rotate(client, &presented, &found, session, policy, clock)
            .await
    }

    /// A token that is no longer live was stolen, unless its answer may be repeated to the same
    /// client.
    async fn dead_token(
        &self,
        client: &Client,
        presented: &Secret,
        found: FoundRefresh,
        now: Timestamp,
    ) -> Result<TokenResponse, OAuthError> {
        if let Some(repeat) = &found.repeat
            && found.record.client_id == client.id
            && self
                .secrets
                .check(TokenKind::RefreshToken, presented.expose())
                .is_ok()
            && let Some(answer) = reopen(presented, repeat, now)
        {
            return Ok(answer);
        }
        let (grant, signature) = (&found.record.grant_id, &found.record.signature);
        self.grants.end_grant_by_replay(grant, signature).await?;
        Err(OAuthError::new(ErrorCode::TokenInactive))
    }

    fn check_refresh(
        &self,
        client: &Client,
        presented: &Secret,
        found: &FoundRefresh,
        now: Timestamp,
    ) -> Result<(), OAuthError> {
        let record = &found.record;
        if record.expires_at < now {
            return Err(OAuthError::new(ErrorCode::InvalidGrant).debug(format!(
                "Refresh token expired at '{}'.",
                record.expires_at.to_text()
            )));
        }
        match self
            .secrets
            .check(TokenKind::RefreshToken, presented.expose())
        {
            Ok(()) => {}
            // A secret that is no longer configured made it, or somebody forged its first half.
            Err(fault @ (TokenFault::Malformed | TokenFault::NotBase64 | TokenFault::Mismatch)) => {
                return Err(OAuthError::new(ErrorCode::InvalidRequest).debug(fault.to_string()));
            }
        }
        if record.client_id != client.id {
            return Err(OAuthError::new(ErrorCode::InvalidGrant).hint(
                "The OAuth 2.0 Client ID from this request does not match the ID during the \
                 initial token issuance.",
            ));
        }
        Ok(())
    }

    async fn rotate(
        &self,
        client: &Client,
        presented: &Secret,
        found: &FoundRefresh,
        mut session: Session,
        policy: &TokenPolicy,
        clock: &dyn Clock,
    ) -> Result<TokenResponse, OAuthError> {
        let record = &found.record;
        let grant = (record.grant_id.clone(), record.generation.next());
        let asked_at = clock.now();
        let expires_at = policy.access_expiry(client, Occasion::RefreshToken, asked_at);
        let ends = policy.refresh_expiry(client, Occasion::RefreshToken, asked_at);
        let call = RefreshHookCall {
            client,
            record,
            access_expires_at: expires_at,
            refresh_expires_at: ends,
        };
        self.ask_refresh_hook(call, &mut session, policy).await?;
        let now = clock.now();
        let of = AccessFor {
            client,
            session: &session,
            grant: Some(grant.clone()),
            expires_at,
        };
        let access = self.make_access(of, policy, asked_at).await?;
        let (refresh_token, refresh) =
            self.make_refresh(client, &session, grant, ends, asked_at)?;
        let scopes: Scopes = session.scope.iter().cloned().collect();
        let id_token = if scopes.has("openid") {
            let of = IdTokenFor {
                client_id: &client.id,
                session: &session,
                issuer: &policy.issuer,
                expires_at: policy.id_expiry(client, Occasion::RefreshToken, now),
                access_token: Some(access.token.expose()),
                c_hash: "",
                acr_requested: false,
            };
            Some(self.make_id_token(of, now).await?)
        } else {
            None
        };
        let response = TokenResponse {
            access_token: access.token,
            expires_in: expires_at.since(now).as_secs(),
            id_token,
            refresh_token: Some(refresh_token),
            scope: scopes.join(),
        };
        let repeat = self.keep_answer(presented, &response, expires_at, policy, now)?;
        let new = NewTokens {
            access: access.record,
            refresh: Some(refresh),
            grant_expires_at: ends.max(expires_at),
        };
        let rotation = Rotation {
            old: record.signature.clone(),
            grant_id: record.grant_id.clone(),
            generation: record.generation,
            new,
            repeat,
        };
        match self.grants.rotate_refresh(rotation).await? {
            Rotated::Done => Ok(response),
            Rotated::Repeated(kept) => reopen(presented, &kept, now).ok_or_else(concurrent),
            Rotated::Lost | Rotated::Unknown => Err(concurrent()),
        }
    }

    fn keep_answer(
        &self,
        presented: &Secret,
        response: &TokenResponse,
        access_expires_at: Timestamp,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Option<RepeatableAnswer>, OAuthError> {
        if policy.repeat_window.as_nanos() <= 0 {
            return Ok(None);
        }
        let kept = KeptAnswer {
            access_token: response.access_token.expose().to_owned(),
            access_expires_at: access_expires_at.as_micros(),
            id_token: response.id_token.clone(),
            refresh_token: response
                .refresh_token
                .as_ref()
                .map(|t| t.expose().to_owned()),
            scope: response.scope.clone(),
        };
        let plain = serde_json::to_vec(&kept)
            .map_err(|e| OAuthError::new(ErrorCode::ServerError).debug(e.to_string()))?;
        let sealed = crypto::seal_under_token(presented.expose(), &plain, &*self.entropy);
        Ok(Some(RepeatableAnswer {
            sealed,
            until: now.plus(policy.repeat_window),
        }))
    }
}

/// Hydra: what was granted is granted again; scopes and audiences of the request do not count, but
/// those of the client do.
fn check_grant_still_allowed(
    client: &Client,
    session: &Session,
    policy: &TokenPolicy,
) -> Result<(), OAuthError> {
    let scopes: Scopes = session.scope.iter().cloned().collect();
    if !scopes.has_offline() {
        return Err(OAuthError::new(ErrorCode::ScopeNotGranted).hint(
            "The OAuth 2.0 Client was not granted scope offline or offline_access and may thus not \
             perform the 'refresh_token' authorization grant.",
        ));
    }
    check_scopes(policy.scopes, client, &scopes)?;
    let audiences: Audiences = session.audience.iter().cloned().collect();
    check_audiences(client, &audiences)
}

fn reopen(presented: &Secret, kept: &RepeatableAnswer, now: Timestamp) -> Option<TokenResponse> {
    if kept.until < now {
        return None;
    }
    let plain = crypto::open_under_token(presented.expose(), &kept.sealed).ok()?;
    let kept: KeptAnswer = serde_json::from_slice(&plain).ok()?;
    Some(TokenResponse {
        access_token: Secret::new(kept.access_token),
        expires_in: Timestamp::from_micros(kept.access_expires_at)
            .since(now)
            .as_secs(),
        id_token: kept.id_token,
        refresh_token: kept.refresh_token.map(Secret::new),
        scope: kept.scope,
    })
}

fn concurrent() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest).hint(
        "Failed to refresh token because of multiple concurrent requests using the same token \
         which is not allowed.",
    )
}
