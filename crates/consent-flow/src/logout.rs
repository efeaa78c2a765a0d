//! Logout requests: what the logout app sees and decides.

use std::sync::Arc;

use client_registry::Client;
use oauth_types::{ClientId, EntropyExt, LogoutChallenge, SessionId, Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{FlowError, Flows, LogoutRecord, LogoutState, LogoutTaken};

/// A logout request as the logout app sees it.
#[derive(Clone, Debug)]
pub struct LogoutRequest {
    /// Its challenge.
    pub challenge: String,
    /// Whose session.
    pub subject: String,
    /// Which session.
    pub sid: String,
    /// Path and query of the request.
    pub request_url: String,
    /// Whether a client asked for it.
    pub rp_initiated: bool,
    /// That client.
    pub client: Option<Arc<Client>>,
}

/// What a logout begins with.
#[derive(Clone, Debug)]
pub struct NewLogout {
    /// The client that asked, if one did.
    pub client_id: Option<ClientId>,
    /// Whose session.
    pub subject: Subject,
    /// Which session.
    pub session_id: SessionId,
    /// Path and query of the request.
    pub request_url: String,
    /// Where the browser goes in the end.
    pub target: String,
    /// From when on the row may be removed.
    pub keep_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct LogoutDetails {
    verifier: String,
    request_url: String,
    target: String,
}

/// A logout request, opened.
#[derive(Clone, Debug)]
pub struct Logout {
    /// The columns.
    pub record: LogoutRecord,
    /// The raw verifier.
    verifier: String,
    /// Path and query of the request.
    pub request_url: String,
    /// Where the browser goes in the end.
    pub target: String,
}

impl Logout {
    /// Brings the browser back once the logout is accepted.
    #[must_use]
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The request, for the app.
    #[must_use]
    pub fn request(&self, client: Option<Arc<Client>>) -> LogoutRequest {
        LogoutRequest {
            challenge: self.record.challenge.to_string(),
            subject: self.record.subject.to_string(),
            sid: self.record.session_id.to_string(),
            request_url: self.request_url.clone(),
            rp_initiated: self.record.client_id.is_some(),
            client,
        }
    }
}

impl Flows {
    /// Begins a logout that the user has to confirm.
    ///
    /// # Errors
    /// Only [`FlowError::Store`].
    pub async fn start_logout(
        &self,
        new: NewLogout,
        now: Timestamp,
    ) -> Result<LogoutChallenge, FlowError> {
        let challenge = LogoutChallenge::new(self.entropy.uuid());
        let verifier = self.entropy.uuid();
        let record = LogoutRecord {
            challenge: challenge.clone(),
            verifier: crypto::verifier_hash(&verifier),
            client_id: new.client_id,
            subject: new.subject,
            session_id: new.session_id,
            state: LogoutState::Pending,
            used: false,
            requested_at: now.floor_to_secs(),
            expires_at: new.keep_until,
            payload: self.close(&LogoutDetails {
                verifier,
                request_url: new.request_url,
                target: new.target,
            })?,
        };
        self.store.create_logout(record).await?;
        Ok(challenge)
    }

    /// Finds a logout request that is not rejected.
    ///
    /// # Errors
    /// [`FlowError::UnknownLogout`].
    pub async fn find_logout(&self, challenge: &LogoutChallenge) -> Result<Logout, FlowError> {
        let record = self.store.logout(challenge).await?;
        let record = record.filter(|r| r.state != LogoutState::Rejected);
        self.open_logout(record.ok_or(FlowError::UnknownLogout)?)
    }

    /// Accepts a logout, also one that was rejected.
    ///
    /// # Errors
    /// [`FlowError::UnknownLogout`].
    pub async fn accept_logout(&self, challenge: &LogoutChallenge) -> Result<Logout, FlowError> {
        let record = self
            .store
            .decide_logout(challenge, LogoutState::Accepted)
            .await?;
        self.open_logout(record.ok_or(FlowError::UnknownLogout)?)
    }

    /// Rejects a logout.
    ///
    /// # Errors
    /// [`FlowError::UnknownRequest`]: Hydra words this 404 otherwise than that of accepting.
    pub async fn reject_logout(&self, challenge: &LogoutChallenge) -> Result<(), FlowError> {
        let record = self
            .store
            .decide_logout(challenge, LogoutState::Rejected)
            .await?;
        record.map(|_| ()).ok_or(FlowError::UnknownRequest)
    }

    /// Uses up a logout verifier. The flag says whether this visit is the one to carry the logout
    /// out; a repeated one leads straight to the target.
    ///
    /// # Errors
    /// [`FlowError::LogoutVerifier`].
    pub async fn take_logout(&self, verifier: &str) -> Result<(Logout, bool), FlowError> {
        match self
            .store
            .take_logout_verifier(&crypto::verifier_hash(verifier))
            .await?
        {
            LogoutTaken::First(record) => Ok((self.open_logout(record)?, true)),
            LogoutTaken::Again(record) => Ok((self.open_logout(record)?, false)),
            LogoutTaken::Refused => Err(FlowError::LogoutVerifier),
        }
    }

    fn open_logout(&self, record: LogoutRecord) -> Result<Logout, FlowError> {
        let details: LogoutDetails =
            self.open_payload(&record.payload, "logout request", record.challenge.as_str())?;
        Ok(Logout {
            record,
            verifier: details.verifier,
            request_url: details.request_url,
            target: details.target,
        })
    }
}
