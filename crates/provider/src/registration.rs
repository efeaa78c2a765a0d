//! Dynamic client registration: clients that register and manage themselves (RFC 7591, RFC 7592).

use std::sync::Arc;

use client_registry::{Client, ClientReplaced, Registration};
use crypto::{TokenKind, constant_time_eq, signature_part};
use oauth_types::{ClientId, ClientVersion, ErrorCode, OAuthError, Secret, StoreError};

use crate::{BearerRequest, ClientCreated, Provider};

/// A client that changed itself.
#[derive(Clone, Debug)]
pub struct RegistrationChanged {
    /// The client as it is stored.
    pub client: Arc<Client>,
    /// Its new registration access token; the former is no good any more.
    pub registration_access_token: Secret,
    /// Where that token is good.
    pub registration_client_uri: String,
}

/// How often a change that lost against another is tried again.
const TRIES: usize = 8;

impl Provider {
    /// Registers a client at its own request (RFC 7591 §3). Nobody has to prove anything.
    ///
    /// # Errors
    /// 404 where registration is switched off; 400 if the body cannot be read, which is what `Err`
    /// says, or with the first rule that the client breaks.
    pub async fn register(
        &self,
        body: Result<Registration, String>,
    ) -> Result<ClientCreated, OAuthError> {
        self.check_switched_on()?;
        let registration = body.map_err(|why| {
            let hint = format!("Unable to decode the request body: {why}");
            OAuthError::new(ErrorCode::Malformed).hint(hint)
        })?;
        registration.check_new()?;
        self.create_client(registration.draft).await
    }

    /// The client whose registration access token a request bears (RFC 7592 §2.1).
    ///
    /// # Errors
    /// 404 where registration is switched off; else 401, whatever is wrong.
    pub async fn registration(
        &self,
        id: &str,
        bearer: &BearerRequest<'_>,
    ) -> Result<Arc<Client>, OAuthError> {
        self.check_switched_on()?;
        let token = bearer.token();
        // The MAC first: a forged token costs no statement.
        if self.secrets.check(TokenKind::AccessToken, &token).is_err() {
            return Err(refused());
        }
        let client = self.clients.fresh(&ClientId::new(id)).await?;
        client
            .filter(|client| is_token_of(client, &token))
            .ok_or_else(refused)
    }

    /// Replaces a client at its own request (RFC 7592 §2.2). Its secret stays, and so does the
    /// metadata that an administrator gave it; its registration access token is renewed. Of any
    /// number of changes with one token exactly one is made.
    ///
    /// # Errors
    /// As [`Provider::registration`]; then as [`Provider::register`]; 403 if a secret is chosen.
    pub async fn change_registration(
        &self,
        id: &str,
        bearer: &BearerRequest<'_>,
        body: Result<Registration, String>,
    ) -> Result<RegistrationChanged, OAuthError> {
        let mut stored = self.registration(id, bearer).await?;
        let registration = body.map_err(|_| {
            OAuthError::new(ErrorCode::Malformed)
                .hint("Unable to decode the request body. Is it valid JSON?")
        })?;
        registration.check_change()?;
        let mut draft = registration.draft;
        self.check_client(&mut draft.client, &draft.secret).await?;
        let minted = self
            .secrets
            .mint(TokenKind::AccessToken, &*self.entropy)
            .map_err(|_| OAuthError::from(ErrorCode::Unrecognizable))?;
        for _ in 0..TRIES {
            let mut client = draft.clone().in_place_of(&stored);
            client.metadata.clone_from(&stored.metadata);
            client.registration_signature.clone_from(&minted.signature);
            client.version = ClientVersion(stored.version.0 + 1);
            client.updated_at = self.now();
            let record = client.to_record()?;
            let written = self.stores.clients.replace(record, stored.version).await?;
            self.clients.forget(&client.id);
            match written {
                ClientReplaced::Done => {
                    return Ok(RegistrationChanged {
                        registration_access_token: minted.token,
                        registration_client_uri: self.registration_client_uri(&client.id),
                        client: Arc::new(client),
                    });
                }
                // Whoever came between may have taken the token away.
                ClientReplaced::Changed => stored = self.registration(id, bearer).await?,
                ClientReplaced::Unknown => return Err(refused()),
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Removes a client at its own request (RFC 7592 §2.3).
    ///
    /// # Errors
    /// As [`Provider::registration`].
    pub async fn delete_registration(
        &self,
        id: &str,
        bearer: &BearerRequest<'_>,
    ) -> Result<(), OAuthError> {
        let client = self.registration(id, bearer).await?;
        match self.delete_client(client.id.as_str()).await {
            Err(error) if error.is(ErrorCode::RowNotFound) => Err(refused()),
            outcome => outcome,
        }
    }

    /// Where a client's registration access token is good.
    pub(crate) fn registration_client_uri(&self, id: &ClientId) -> String {
        let policy = self.policy();
        let base = policy.urls.public.trim_end_matches('/');
        format!("{base}/oauth2/register/{id}")
    }

    fn check_switched_on(&self) -> Result<(), OAuthError> {
        if self.policy().dynamic_registration {
            return Ok(());
        }
        Err(OAuthError::new(ErrorCode::SwitchedOff).hint("Dynamic registration is not enabled."))
    }
}

fn is_token_of(client: &Client, token: &str) -> bool {
    let stored = client.registration_signature.as_bytes();
    !stored.is_empty()
        && signature_part(token).is_some_and(|given| constant_time_eq(given.as_bytes(), stored))
}

/// What everybody is told who does not prove to be the client.
fn refused() -> OAuthError {
    OAuthError::new(ErrorCode::NotAuthorized).hint(
        "The requested OAuth 2.0 client does not exist or you provided incorrect credentials.",
    )
}
