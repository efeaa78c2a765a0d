//! The token endpoint's grants, a file each (RFC 6749 §4 and §6).

mod authorization_code;
mod client_credentials;
mod jwt_bearer;
mod refresh_token;

pub use client_credentials::StandAlone;
pub use jwt_bearer::{Bought, UsedId};

use client_registry::Client;
use crypto::TokenKind;
use oauth_types::{ClientId, ClientVersion, ErrorCode, GrantId, OAuthError, Secret, Timestamp};

use crate::access_token::no_secret;
use crate::session::Session;
use crate::{Core, Generation, RefreshRecord};

/// Refuses a client that has not registered the grant.
fn check_grant_type(client: &Client, grant: &str) -> Result<(), OAuthError> {
    if client.has_grant_type(grant) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnauthorizedClient).hint(format!(
        "The OAuth 2.0 Client is not allowed to use authorization grant '{grant}'."
    )))
}

/// Refuses to act for a client that has changed since it was read, so that neither a secret nor a
/// right that was taken away elsewhere counts any longer: whoever asked reads the client again and
/// decides anew. `owner` is whose row was found, `version` the one that its client has now.
fn check_unchanged(
    client: &Client,
    owner: &ClientId,
    version: ClientVersion,
) -> Result<(), OAuthError> {
    if *owner == client.id && version != client.version {
        return Err(ErrorCode::TemporarilyUnavailable.into());
    }
    Ok(())
}

impl Core {
    /// Makes a refresh token for a generation of a grant.
    fn make_refresh(
        &self,
        client: &Client,
        session: &Session,
        grant: (GrantId, Generation),
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(Secret, RefreshRecord), OAuthError> {
        let minted = self
            .secrets
            .mint(TokenKind::RefreshToken, &*self.entropy)
            .map_err(no_secret)?;
        let record = RefreshRecord {
            signature: minted.signature.as_str().into(),
            grant_id: grant.0,
            generation: grant.1,
            client_id: client.id.clone(),
            issued_at: now,
            expires_at,
            payload: self.vault().close(session)?,
        };
        Ok((minted.token, record))
    }
}
