//! Clients, on the admin side.

use std::sync::Arc;

use client_registry::{Client, ClientDraft, ClientFilter, ClientReplaced};
use crypto::TokenKind;
use oauth_types::{
    ClientId, ClientVersion, EntropyExt, ErrorCode, OAuthError, Page, Paged, Secret, SecretHash,
    StoreError,
};

use crate::Provider;

/// A new client, with what is shown only once.
#[derive(Clone, Debug)]
pub struct ClientCreated {
    /// The client as it is stored.
    pub client: Arc<Client>,
    /// Its secret; `None` for public clients, which have no use for it.
    pub secret: Option<Secret>,
    /// Its registration access token (RFC 7592 §3).
    pub registration_access_token: Secret,
    /// Where that token is good.
    pub registration_client_uri: String,
}

/// A replaced client.
#[derive(Clone, Debug)]
pub struct ClientReplacedView {
    /// The client as it is stored.
    pub client: Arc<Client>,
    /// The secret, if the caller gave a new one.
    pub secret: Option<Secret>,
}

/// How often a write that lost against another is tried again.
pub(crate) const TRIES: usize = 8;

impl Provider {
    /// Registers a client. The server chooses its id, and its secret unless one is given.
    ///
    /// # Errors
    /// 400 with the first rule that the client breaks.
    pub async fn create_client(&self, draft: ClientDraft) -> Result<ClientCreated, OAuthError> {
        if !draft.chosen_id.is_empty() {
            return Err(OAuthError::new(ErrorCode::Malformed).hint(
                "It is no longer possible to set an OAuth2 Client ID as a user. The system will \
                 generate a unique ID for you.",
            ));
        }
        let now = self.now();
        let mut client = draft.client;
        self.check_client(&mut client, &draft.secret).await?;
        let id = self.entropy.uuid();
        client.id = ClientId::new(&id);
        client.row_id.clone_from(&id);
        client.version = ClientVersion(1);
        client.created_at = now.round_to_secs();
        client.updated_at = now;
        let (secret, hash) = if draft.secret.is_empty() {
            self.generated_secret()?
        } else {
            let hash = self.chosen_secret(draft.secret.clone()).await?;
            (draft.secret, hash)
        };
        client.secret = hash;
        let minted = self
            .secrets
            .mint(TokenKind::AccessToken, &*self.entropy)
            .map_err(|_| no_system_secret())?;
        client.registration_signature.clone_from(&minted.signature);
        self.stores
            .clients
            .create(client.to_record()?)
            .await
            .map_err(taken)?;
        Ok(ClientCreated {
            secret: (!client.is_public()).then_some(secret),
            registration_access_token: minted.token,
            registration_client_uri: self.registration_client_uri(&client.id),
            client: Arc::new(client),
        })
    }

    /// A client as it is stored.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn get_client(&self, id: &str) -> Result<Arc<Client>, OAuthError> {
        let client = self.clients.fresh(&ClientId::new(id)).await?;
        client.ok_or_else(|| ErrorCode::RowNotFound.into())
    }

    /// One page of clients; the total counts all, whatever the filter.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn list_clients(
        &self,
        filter: &ClientFilter,
        page: Page,
    ) -> Result<Paged<Client>, OAuthError> {
        let found = self.stores.clients.list(filter, page).await?;
        let items = found
            .items
            .iter()
            .map(Client::from_record)
            .collect::<Result<_, _>>()?;
        Ok(Paged {
            items,
            total: found.total,
        })
    }

    /// Replaces a client. An empty secret keeps the stored one; the registration access token is
    /// revoked.
    ///
    /// # Errors
    /// 400 with the first rule that the client breaks; then 404 if there is none.
    pub async fn replace_client(
        &self,
        id: &str,
        draft: ClientDraft,
    ) -> Result<ClientReplacedView, OAuthError> {
        let mut wanted = draft.client;
        self.check_client(&mut wanted, &draft.secret).await?;
        let stored = self.get_client(id).await?;
        let hash = if draft.secret.is_empty() {
            None
        } else {
            Some(self.chosen_secret(draft.secret.clone()).await?)
        };
        let client = self
            .change_client(stored, |stored| {
                let mut client = wanted.clone();
                client.secret = hash.clone().unwrap_or_else(|| stored.secret.clone());
                // Hydra: the token's signature is not part of the body, so it goes.
                client.registration_signature = String::new();
                client
            })
            .await?;
        Ok(ClientReplacedView {
            client,
            secret: Some(draft.secret).filter(|secret| !secret.is_empty()),
        })
    }

    /// Removes a client and all that belongs to it.
    ///
    /// # Errors
    /// 404 if there is none.
    pub async fn delete_client(&self, id: &str) -> Result<(), OAuthError> {
        let id = ClientId::new(id);
        let was_there = self.stores.clients.delete(&id).await?;
        self.clients.forget(&id);
        if was_there {
            Ok(())
        } else {
            Err(ErrorCode::RowNotFound.into())
        }
    }

    /// Writes a changed client until nobody came between.
    async fn change_client(
        &self,
        mut stored: Arc<Client>,
        change: impl Fn(&Client) -> Client,
    ) -> Result<Arc<Client>, OAuthError> {
        for _ in 0..TRIES {
            match self.write_client(&stored, change(&stored)).await? {
                Some(client) => return Ok(client),
                None => stored = self.get_client(stored.id.as_str()).await?,
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Writes a changed client in the place of `stored`; `None` if somebody else was faster. What
    /// never changes is kept.
    pub(crate) async fn write_client(
        &self,
        stored: &Client,
        mut client: Client,
    ) -> Result<Option<Arc<Client>>, OAuthError> {
        client.id = stored.id.clone();
        client.row_id.clone_from(&stored.row_id);
        client.created_at = stored.created_at;
        client.version = ClientVersion(stored.version.0 + 1);
        client.updated_at = self.now();
        let written = self
            .stores
            .clients
            .replace(client.to_record()?, stored.version)
            .await?;
        self.clients.forget(&client.id);
        match written {
            ClientReplaced::Done => Ok(Some(Arc::new(client))),
            ClientReplaced::Changed => Ok(None),
            ClientReplaced::Unknown => Err(ErrorCode::RowNotFound.into()),
        }
    }

    pub(crate) async fn check_client(
        &self,
        client: &mut Client,
        secret: &Secret,
    ) -> Result<(), OAuthError> {
        let policy = self.policy();
        client_registry::validate(client, secret, &policy.clients, &*self.core.fetch).await?;
        Ok(())
    }

    fn generated_secret(&self) -> Result<(Secret, SecretHash), OAuthError> {
        let secret = client_registry::generate_secret(&*self.entropy);
        let hash =
            crypto::hash_generated(&self.secrets, &secret).map_err(|_| no_system_secret())?;
        Ok((secret, hash))
    }

    /// Hashes a secret that a person chose, off the I/O threads.
    pub(crate) async fn chosen_secret(&self, secret: Secret) -> Result<SecretHash, OAuthError> {
        let (algorithm, entropy) = (self.policy().hash, self.entropy.clone());
        let hashed =
            tokio::task::spawn_blocking(move || crypto::hash_secret(algorithm, &secret, &*entropy));
        match hashed.await {
            Ok(Ok(hash)) => Ok(hash),
            Ok(Err(_too_long)) => Err(OAuthError::new(ErrorCode::InvalidClientMetadata)
                .hint("Field client_secret must not be longer than 72 bytes.")),
            Err(error) => Err(OAuthError::new(ErrorCode::ServerError).debug(error.to_string())),
        }
    }
}

fn taken(error: StoreError) -> OAuthError {
    match error {
        StoreError::Conflict => ErrorCode::Duplicate.into(),
        other => other.into(),
    }
}

fn no_system_secret() -> OAuthError {
    ErrorCode::Unrecognizable.into()
}
