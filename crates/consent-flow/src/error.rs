//! Why a login, consent or logout cannot go on, and what callers are told.

use oauth_types::{ErrorCode, OAuthError, StoreError};

use crate::Rejection;

/// Why a flow cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// No login or consent request of that challenge.
    #[error("there is no such request")]
    UnknownRequest,
    /// No logout request of that challenge, or it was rejected.
    #[error("there is no such logout request")]
    UnknownLogout,
    /// The logout verifier is unknown, not accepted or rejected.
    #[error("the logout verifier is not good")]
    LogoutVerifier,
    /// The admin API was not given a challenge.
    #[error("no challenge was given")]
    NoChallenge,
    /// The login app named nobody.
    #[error("the subject is empty")]
    NoSubject,
    /// The login app named somebody else than before.
    #[error("the subject changed")]
    SubjectChanged,
    /// The login verifier was used, so the request can no longer be decided.
    #[error("the login request was used")]
    LoginUsed,
    /// The consent verifier was used, so the request can no longer be decided.
    #[error("the consent request was used")]
    ConsentUsed,
    /// Nobody has such a login verifier.
    #[error("the login verifier is unknown")]
    UnknownLoginVerifier,
    /// Nobody has such a consent verifier.
    #[error("the consent verifier is unknown")]
    UnknownConsentVerifier,
    /// The login verifier is spent, or the app has not answered yet.
    #[error("the flow is in state {state}")]
    LoginNotReady {
        /// The number of the state.
        state: i16,
    },
    /// The consent verifier is spent, or the app has not answered yet.
    #[error("the consent verifier was used")]
    ConsentNotReady,
    /// The app said no.
    #[error("the request was rejected")]
    Rejected(Rejection),
    /// The login took too long.
    #[error("the login request expired")]
    LoginExpired,
    /// Login and consent together took too long.
    #[error("the consent request expired")]
    ConsentExpired,
    /// The flow belongs to another client than the request names.
    #[error("the flow belongs to another client")]
    OtherClient,
    /// The CSRF cookie does not decode.
    #[error("the CSRF cookie is broken")]
    CsrfBroken,
    /// There is no CSRF cookie.
    #[error("the CSRF cookie is missing")]
    CsrfMissing,
    /// The CSRF cookie is that of another flow.
    #[error("the CSRF cookie is another's")]
    CsrfMismatch,
    /// The client is pairwise, the server is not set up for it.
    #[error("pairwise subjects are not configured")]
    PairwiseOff {
        /// The client.
        client: String,
    },
    /// A pairwise client with several redirect URIs has no sector.
    #[error("the pairwise client has several redirect URIs")]
    PairwiseAmbiguous {
        /// The client.
        client: String,
    },
    /// A pairwise client has neither sector nor redirect URI.
    #[error("the pairwise client has no redirect URI")]
    PairwiseNowhere {
        /// The client.
        client: String,
    },
    /// No system secret is configured.
    #[error("no system secret is configured")]
    NoSecret,
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<crypto::NoSecret> for FlowError {
    fn from(_: crypto::NoSecret) -> Self {
        Self::NoSecret
    }
}

impl From<FlowError> for OAuthError {
    fn from(error: FlowError) -> Self {
        use ErrorCode as E;
        let client_advice = |client: &str, what: &str| {
            format!(
                "OAuth 2.0 Client {client} {what} which is not allowed when performing using \
                 subject type pairwise. Please reconfigure the OAuth 2.0 client properly."
            )
        };
        match error {
            FlowError::UnknownRequest | FlowError::LogoutVerifier => E::ResourceNotFound.into(),
            FlowError::UnknownLogout => E::RowNotFound.into(),
            FlowError::NoChallenge => Self::new(E::InvalidRequest)
                .hint("Query parameter 'challenge' is not defined but should have been."),
            FlowError::NoSubject => {
                Self::new(E::InvalidRequest).hint("Field 'subject' must not be empty.")
            }
            FlowError::SubjectChanged => Self::new(E::InvalidRequest)
                .hint("Field 'subject' does not match subject from previous authentication."),
            FlowError::LoginUsed => Self::new(E::Conflict)
                .hint("The login request was already used and can no longer be changed."),
            FlowError::ConsentUsed => Self::new(E::Conflict)
                .hint("The consent request was already used and can no longer be changed."),
            FlowError::UnknownLoginVerifier => Self::new(E::AccessDenied).hint(
                "The login verifier has already been used, has not been granted, or is invalid.",
            ),
            FlowError::UnknownConsentVerifier => Self::new(E::AccessDenied).hint(
                "The consent verifier has already been used, has not been granted, or is invalid.",
            ),
            FlowError::LoginNotReady { state } => Self::new(E::InvalidRequest).debug(format!(
                "invalid flow state: expected 2 or 128, got {state}"
            )),
            FlowError::ConsentNotReady => {
                Self::new(E::InvalidRequest).debug("consent verifier has already been used")
            }
            FlowError::Rejected(r) => r.into_error(),
            FlowError::LoginExpired => Self::new(E::RequestUnauthorized)
                .hint("The login request has expired. Please try again."),
            FlowError::ConsentExpired => Self::new(E::RequestUnauthorized)
                .hint("The consent request has expired, please try again."),
            FlowError::OtherClient => Self::new(E::InvalidClient)
                .hint("The flow client id does not match the authorize request client id."),
            FlowError::CsrfBroken => {
                Self::new(E::RequestForbidden).hint("CSRF session cookie could not be decoded.")
            }
            FlowError::CsrfMissing => Self::new(E::RequestForbidden)
                .hint("No CSRF value available in the session cookie."),
            FlowError::CsrfMismatch => Self::new(E::RequestForbidden).hint(
                "The CSRF value from the token does not match the CSRF value from the data store.",
            ),
            FlowError::PairwiseOff { client } => Self::new(E::InvalidRequest).hint(format!(
                "Subject Identifier Algorithm 'pairwise' was requested by OAuth 2.0 Client \
                 '{client}' but is not configured."
            )),
            FlowError::PairwiseAmbiguous { client } => {
                Self::new(E::InvalidRequest).hint(client_advice(
                    &client,
                    "has multiple redirect_uris but no sector_identifier_uri was set",
                ))
            }
            FlowError::PairwiseNowhere { client } => {
                Self::new(E::InvalidRequest).hint(client_advice(
                    &client,
                    "neither specifies a sector_identifier_uri nor a redirect_uri",
                ))
            }
            FlowError::NoSecret => Self::new(E::ServerError)
                .debug("No system secret is configured: set secrets.system."),
            FlowError::Store(error) => error.into(),
        }
    }
}
