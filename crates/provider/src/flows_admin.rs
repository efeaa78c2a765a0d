//! Login and consent requests, consents and login sessions, on the admin side.

use consent_flow::{
    AcceptConsent, AcceptLogin, ConsentRequest, ConsentSession, ConsentsOf, FlowError, FlowKey,
    LoginRequest, Rejection, Requested,
};
use oauth_types::{
    ClientId, ConsentChallenge, ErrorCode, LoginChallenge, OAuthError, Page, Paged, SessionId,
    Subject,
};

use crate::Provider;

impl Provider {
    /// The request that a login app asks for.
    ///
    /// # Errors
    /// 400 without a challenge, 404 if there is no such request.
    pub async fn login_request(
        &self,
        challenge: &str,
    ) -> Result<Requested<LoginRequest>, OAuthError> {
        let challenge = LoginChallenge::new(given(challenge)?);
        let flow = self.flows.find(FlowKey::LoginChallenge(&challenge)).await?;
        let flow = flow.ok_or(FlowError::UnknownRequest)?;
        let client = self.client_of(&flow).await?;
        Ok(flow.login_request(client))
    }

    /// Accepts a login; `body` is what was sent, or why it cannot be read. Returns where the browser
    /// goes on.
    ///
    /// # Errors
    /// 400, 404 and 409, in the documented order.
    pub async fn accept_login(
        &self,
        challenge: &str,
        body: Result<AcceptLogin, String>,
    ) -> Result<String, OAuthError> {
        let challenge = LoginChallenge::new(given(challenge)?);
        let body = body.map_err(undecodable)?;
        Ok(self
            .flows
            .accept_login(&challenge, body, self.now())
            .await?)
    }

    /// Rejects a login.
    ///
    /// # Errors
    /// 400, 404 and 409, in the documented order.
    pub async fn reject_login(
        &self,
        challenge: &str,
        body: Result<Rejection, String>,
    ) -> Result<String, OAuthError> {
        let challenge = LoginChallenge::new(given(challenge)?);
        let mut body = body.map_err(undecodable)?;
        complete(&mut body, "login request denied");
        Ok(self.flows.reject_login(&challenge, body).await?)
    }

    /// The request that a consent app asks for.
    ///
    /// # Errors
    /// 400 without a challenge, 404 if there is no such request.
    pub async fn consent_request(
        &self,
        challenge: &str,
    ) -> Result<Requested<ConsentRequest>, OAuthError> {
        let challenge = ConsentChallenge::new(given(challenge)?);
        let flow = self
            .flows
            .find(FlowKey::ConsentChallenge(&challenge))
            .await?;
        let flow = flow.ok_or(FlowError::UnknownRequest)?;
        let client = self.client_of(&flow).await?;
        Ok(flow.consent_request(client)?)
    }

    /// Grants a consent request; `body` is what was sent, or why it cannot be read.
    ///
    /// Hydra: an unreadable body is an unnamed error here.
    ///
    /// # Errors
    /// 400, 404 and 409, in the documented order.
    pub async fn accept_consent(
        &self,
        challenge: &str,
        body: Result<AcceptConsent, String>,
    ) -> Result<String, OAuthError> {
        let challenge = ConsentChallenge::new(given(challenge)?);
        let body = body.map_err(unnamed)?;
        Ok(self
            .flows
            .accept_consent(&challenge, body, self.now())
            .await?)
    }

    /// Rejects a consent request.
    ///
    /// # Errors
    /// 400, 404 and 409, in the documented order.
    pub async fn reject_consent(
        &self,
        challenge: &str,
        body: Result<Rejection, String>,
    ) -> Result<String, OAuthError> {
        let challenge = ConsentChallenge::new(given(challenge)?);
        let mut body = body.map_err(unnamed)?;
        complete(&mut body, "consent request denied");
        Ok(self
            .flows
            .reject_consent(&challenge, body, self.now())
            .await?)
    }

    /// One page of a user's consents, newest first.
    ///
    /// # Errors
    /// 400 without a subject.
    pub async fn consent_sessions(
        &self,
        subject: &str,
        session: Option<&str>,
        page: Page,
    ) -> Result<Paged<ConsentSession>, OAuthError> {
        let subject = given_subject(subject)?;
        let session = session.filter(|s| !s.is_empty()).map(SessionId::new);
        let found = self
            .flows
            .consent_sessions(&subject, session.as_ref(), page, self.now())
            .await?;
        let mut items = Vec::with_capacity(found.items.len());
        for (client_id, consent) in found.items {
            // A client deleted this moment takes its consents along.
            if let Some(client) = self.clients.perhaps_stale(&client_id).await? {
                items.push(consent.join(client));
            }
        }
        Ok(Paged {
            items,
            total: found.total,
        })
    }

    /// Revokes a user's consents towards one client, or all of them.
    ///
    /// # Errors
    /// 400 if it is not said whose, or which.
    pub async fn revoke_consents(
        &self,
        subject: &str,
        client: &str,
        all: bool,
    ) -> Result<(), OAuthError> {
        let subject = given_subject(subject)?;
        let of = match (client.is_empty(), all) {
            (false, _) => ConsentsOf::Client(ClientId::new(client)),
            (true, true) => ConsentsOf::Everyone,
            (true, false) => {
                return Err(OAuthError::new(ErrorCode::InvalidRequest).hint(
                    "Query parameter both 'client' and 'all' is not defined but one of them \
                     should have been.",
                ));
            }
        };
        Ok(self.stores.flows.revoke_consents(&subject, of).await?)
    }

    /// Ends all login sessions of a user.
    ///
    /// # Errors
    /// 400 without a subject.
    pub async fn revoke_logins(&self, subject: &str) -> Result<(), OAuthError> {
        Ok(self
            .stores
            .flows
            .end_sessions_of(&given_subject(subject)?)
            .await?)
    }
}

fn given(challenge: &str) -> Result<&str, FlowError> {
    if challenge.is_empty() {
        Err(FlowError::NoChallenge)
    } else {
        Ok(challenge)
    }
}

fn given_subject(subject: &str) -> Result<Subject, OAuthError> {
    if subject.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest)
            .hint("Query parameter 'subject' is not defined but should have been."));
    }
    Ok(Subject::new(subject))
}

fn undecodable(why: impl std::fmt::Display) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest).hint(format!("Unable to decode body because: {why}"))
}

fn unnamed(why: String) -> OAuthError {
    OAuthError::custom(
        ErrorCode::Unrecognizable.as_str().into(),
        400,
        ErrorCode::Unrecognizable.description().into(),
        String::new(),
        why,
    )
}

/// Fills in what a rejection leaves out. Hydra: the texts have blanks where the API promises
/// `request_denied`.
fn complete(rejection: &mut Rejection, error: &str) {
    if rejection.error.is_empty() {
        error.clone_into(&mut rejection.error);
    }
    if rejection.status_code == 0 {
        rejection.status_code = 400;
    }
}
