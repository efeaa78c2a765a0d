//! Changes of a client that begin with what is stored: patches and lifespans.

use client_registry::{Client, ClientDraft, Lifespans};
use oauth_types::{OAuthError, Secret, SecretHash, StoreError};
use std::sync::Arc;

use crate::clients_admin::TRIES;
use crate::{ClientReplacedView, Provider};

impl Provider {
    /// Changes a client as `change` says, which sees it as it is stored and is asked again if
    /// somebody else changes it meanwhile. The outcome is validated like a new client. An empty
    /// secret keeps the stored one, and the registration access token stays good.
    ///
    /// # Errors
    /// 404 if there is none; then those of `change`; then 400 with the first rule that the outcome
    /// breaks.
    pub async fn patch_client(
        &self,
        id: &str,
        change: impl Fn(&Client) -> Result<ClientDraft, OAuthError> + Send + Sync,
    ) -> Result<ClientReplacedView, OAuthError> {
        let mut stored = self.get_client(id).await?;
        let mut hashed: Option<(Secret, SecretHash)> = None;
        for _ in 0..TRIES {
            let draft = change(&stored)?;
            let secret = draft.secret.clone();
            let mut client = draft.in_place_of(&stored);
            self.check_client(&mut client, &secret).await?;
            if !secret.is_empty() {
                // Hashing is slow by design, so one secret is hashed once, however many tries.
                client.secret = match hashed.take() {
                    Some((of, hash)) if of.expose() == secret.expose() => hash,
                    _ => self.chosen_secret(secret.clone()).await?,
                };
                hashed = Some((secret.clone(), client.secret.clone()));
            }
            match self.write_client(&stored, client).await? {
                Some(client) => {
                    return Ok(ClientReplacedView {
                        client,
                        secret: Some(secret).filter(|secret| !secret.is_empty()),
                    });
                }
                None => stored = self.get_client(stored.id.as_str()).await?,
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Replaces all lifespans of a client, and nothing else; `lifespans` is what was sent, or why it
    /// cannot be read.
    ///
    /// # Errors
    /// 404 if there is no such client; then 400 for what cannot be read; then as for
    /// [`Provider::patch_client`], since the whole client is validated anew.
    pub async fn set_client_lifespans(
        &self,
        id: &str,
        lifespans: Result<Lifespans, OAuthError>,
    ) -> Result<Arc<Client>, OAuthError> {
        let changed = self.patch_client(id, |stored| {
            Ok(ClientDraft {
                chosen_id: String::new(),
                secret: Secret::default(),
                client: Client {
                    lifespans: lifespans.clone()?,
                    ..stored.clone()
                },
            })
        });
        Ok(changed.await?.client)
    }
}
