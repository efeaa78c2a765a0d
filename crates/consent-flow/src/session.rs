//! Login sessions: who is logged in in this browser.

use oauth_types::SessionId;

use crate::{FlowError, Flows, SessionRecord};

/// What the first visit decides about the login.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// The user has to log in.
    Needed,
    /// The session speaks for the user.
    Skipped(SessionRecord),
}

impl Flows {
    /// The session that a cookie names, if it is remembered; everything else counts as none.
    ///
    /// # Errors
    /// Only [`FlowError::Store`].
    pub async fn usable_session(
        &self,
        id: Option<&SessionId>,
    ) -> Result<Option<SessionRecord>, FlowError> {
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        Ok(self
            .store
            .session(id)
            .await?
            .filter(|session| session.remember))
    }
}
