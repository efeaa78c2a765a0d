//! The token and revocation endpoints.

use std::sync::Arc;

use client_registry::Client;
use oauth_core::grants::StandAlone;
use oauth_core::{ClientAssertion, Credentials, Proof, TokenResponse};
use oauth_types::{ClientGuard, ErrorCode, FormBody, GrantType, Guarded, OAuthError, Params};

use crate::{Policy, Provider};

/// The parameters of a form endpoint, or why there are none.
pub(crate) fn form_params(form: &FormBody) -> Result<&Params, OAuthError> {
    let hint = match form {
        FormBody::Broken => {
            "Unable to parse HTTP body, make sure to send a properly formatted form request body."
        }
        _ => "The POST body can not be empty.",
    };
    form.params()
        .filter(|params| !params.is_empty())
        .ok_or_else(|| OAuthError::new(ErrorCode::InvalidRequest).hint(hint))
}

/// A client that proved who it is, and whether it was read for this request.
struct Authenticated {
    client: Arc<Client>,
    fresh: bool,
}

impl Provider {
    /// The token endpoint (RFC 6749 §3.2). Only the body's parameters count.
    ///
    /// # Errors
    /// What the client is told.
    pub async fn token(
        &self,
        form: &FormBody,
        authorization: Option<&str>,
    ) -> Result<TokenResponse, OAuthError> {
        let params = form_params(form)?;
        let policy = self.policy();
        let mut words = params
            .text("grant_type")
            .split(' ')
            .map(str::trim)
            .filter(|w| !w.is_empty());
        let grant = match (words.next(), words.next()) {
            (None, _) => {
                return Err(OAuthError::new(ErrorCode::InvalidRequest)
                    .hint("Request parameter 'grant_type' is missing"));
            }
            (Some(only), None) => GrantType::parse(only),
            (Some(_), Some(_)) => GrantType::Other(String::new()),
        };
        // Hydra: an unknown grant is reported before a client that fails to prove itself.
        if !matches!(
            grant,
            GrantType::AuthorizationCode
                | GrantType::RefreshToken
                | GrantType::ClientCredentials
                | GrantType::JwtBearer
        ) {
            // Hydra: an assertion is used up all the same.
            if !params.text("client_assertion_type").is_empty() {
                let _ = self.authenticate(params, authorization).await;
            }
            return Err(ErrorCode::InvalidRequest.into());
        }
        let caller = self.authenticate(params, authorization).await?;
        let outcome = self.grant(&grant, &caller, params, &policy).await;
        // What was refused because of a client that has changed meanwhile is decided anew.
        match outcome {
            Err(_) if !caller.fresh => match self.clients.fresh(&caller.client.id).await? {
                Some(now) if now.version != caller.client.version => {
                    let caller = self.authenticate(params, authorization).await?;
                    self.grant(&grant, &caller, params, &policy).await
                }
                Some(_) => outcome,
                None => Err(ErrorCode::InvalidClient.into()),
            },
            outcome => outcome,
        }
    }

    async fn grant(
        &self,
        grant: &GrantType,
        caller: &Authenticated,
        params: &Params,
        policy: &Policy,
    ) -> Result<TokenResponse, OAuthError> {
        let (client, tokens, now) = (&*caller.client, &policy.tokens, self.now());
        match grant {
            GrantType::AuthorizationCode => {
                self.core.redeem_code(client, params, tokens, now).await
            }
            GrantType::RefreshToken => {
                self.core
                    .refresh(client, params, tokens, &*self.clock)
                    .await
            }
            GrantType::ClientCredentials => self.client_credentials(caller, params, policy).await,
            GrantType::JwtBearer => self.jwt_bearer(caller, params, policy).await,
            GrantType::Implicit | GrantType::Other(_) => Err(ErrorCode::InvalidRequest.into()),
        }
    }

    /// One statement when all goes well: the token is kept only if its client is unchanged, so a
    /// cached client needs no look-up of its own.
    async fn client_credentials(
        &self,
        caller: &Authenticated,
        params: &Params,
        policy: &Policy,
    ) -> Result<TokenResponse, OAuthError> {
        let client = &caller.client;
        let made = self
            .core
            .client_credentials(client, params, &policy.tokens, self.now())
            .await?;
        self.keep(client, made).await
    }

    /// An assertion can be used up only once, so it is used up for the client as it is now.
    async fn jwt_bearer(
        &self,
        caller: &Authenticated,
        params: &Params,
        policy: &Policy,
    ) -> Result<TokenResponse, OAuthError> {
        let (client, now) = (&caller.client, self.now());
        let bought = self
            .core
            .jwt_bearer(client, params, &policy.tokens, now)
            .await?;
        if !caller.fresh {
            let stored = self.clients.fresh(&client.id).await?;
            if stored.is_none_or(|stored| stored.version != client.version) {
                return Err(ErrorCode::TemporarilyUnavailable.into());
            }
        }
        if let Some(id) = &bought.jti {
            self.core.use_up(id, now).await?;
        }
        self.keep(client, bought.made).await
    }

    /// Keeps a token that stands alone, if its client is unchanged, and hands it out.
    async fn keep(&self, client: &Client, made: StandAlone) -> Result<TokenResponse, OAuthError> {
        let guard = ClientGuard {
            id: client.id.clone(),
            version: client.version,
        };
        match self.stores.grants.put_access(made.record, guard).await? {
            Guarded::Done => Ok(made.response),
            Guarded::ClientChanged => {
                self.clients.forget(&client.id);
                Err(ErrorCode::TemporarilyUnavailable.into())
            }
        }
    }

    /// The revocation endpoint (RFC 7009).
    ///
    /// Hydra: a token that is not the client's is answered as if it had been revoked, and errors
    /// lose their hints.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_client`, or a failure of the storage.
    pub async fn revoke(
        &self,
        form: &FormBody,
        authorization: Option<&str>,
    ) -> Result<(), OAuthError> {
        let generic = |error: OAuthError| {
            for code in [ErrorCode::InvalidRequest, ErrorCode::InvalidClient] {
                if error.is(code) {
                    return code.into();
                }
            }
            error
        };
        let params = form_params(form).map_err(generic)?;
        let caller = match self.authenticate_now(params, authorization).await {
            Ok(caller) => caller,
            // Hydra: whoever sends an assertion again is told that all is well, and nothing happens.
            Err(error) if error.is(ErrorCode::JtiKnown) => return Ok(()),
            Err(error) => return Err(generic(error)),
        };
        Ok(self.core.revoke(&caller.client.id, params).await?)
    }

    /// Finds the client of a request and checks its proof against the client as it is now: for what
    /// no statement confirms.
    async fn authenticate_now(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<Authenticated, OAuthError> {
        let caller = self.authenticate(params, authorization).await?;
        if caller.fresh {
            return Ok(caller);
        }
        match self.clients.fresh(&caller.client.id).await? {
            Some(now) if now.version == caller.client.version => Ok(caller),
            _ => self.authenticate(params, authorization).await,
        }
    }

    /// Finds the client of a request and checks its proof. A cached client may say yes; a no is
    /// given only after the client was read anew.
    async fn authenticate(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<Authenticated, OAuthError> {
        if let Some(assertion) = ClientAssertion::read(params)? {
            return self.authenticate_by_assertion(&assertion).await;
        }
        let credentials = Credentials::read(authorization, params)?;
        if let Some(client) = self.clients.perhaps_stale(&credentials.client_id).await? {
            if self.check_credentials(&credentials, &client).await.is_ok() {
                return Ok(Authenticated {
                    client,
                    fresh: false,
                });
            }
            // Only a client that has changed deserves a second look.
            if let Some(client) = self.clients.fresh(&credentials.client_id).await? {
                self.check_credentials(&credentials, &client).await?;
                return Ok(Authenticated {
                    client,
                    fresh: true,
                });
            }
        }
        self.checker
            .check_nobody(&credentials.secret)
            .await
            .map_err(|_| OAuthError::new(ErrorCode::TemporarilyUnavailable))?;
        Err(no_such_client())
    }

    /// An assertion can be used up only once, so it is checked against the client as it is now.
    async fn authenticate_by_assertion(
        &self,
        assertion: &ClientAssertion,
    ) -> Result<Authenticated, OAuthError> {
        let client = self.clients.fresh(&assertion.client_id).await?;
        let client = client.ok_or_else(no_such_client)?;
        let policy = &self.policy().tokens;
        self.core
            .check_client_assertion(&client, assertion, policy, self.now())
            .await?;
        Ok(Authenticated {
            client,
            fresh: true,
        })
    }

    async fn check_credentials(
        &self,
        credentials: &Credentials,
        client: &Client,
    ) -> Result<(), OAuthError> {
        if credentials.check_method(client)? == Proof::None {
            return Ok(());
        }
        let good = self
            .checker
            .check(&client.id, &client.secret, &credentials.secret, self.now())
            .await
            .map_err(|_| OAuthError::new(ErrorCode::TemporarilyUnavailable))?;
        if good {
            return Ok(());
        }
        Err(OAuthError::new(ErrorCode::InvalidClient)
            .debug("The client secret does not match the stored one."))
    }
}

fn no_such_client() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient).debug("Unable to locate the resource")
}
