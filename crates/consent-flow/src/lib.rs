//! Login, consent and logout as state machines: what happens between the browser's visits to the
//! authorization endpoint and the answers of the login and consent app.
//!
//! The crate decides and names the atomic steps; a [`FlowStore`] carries them out. One journey is a
//! [`Flow`]: its [`FlowState`] says who is to act next.
//!
//! ```
//! use consent_flow::FlowState;
//! // Three numbers in a row would be too simple for history: these are Hydra's.
//! assert_eq!(FlowState::from_code(128), Some(FlowState::LoginRejected));
//! assert!(FlowState::ConsentAccepted.login_is_used());
//! ```

mod consent;
mod error;
mod flow;
mod login;
mod logout;
mod session;
mod store;
mod subject_id;

pub use consent::{
    AcceptConsent, ConsentRequest, ConsentSession, ConsentSessionData, Granted, covers,
};
pub use error::FlowError;
pub use flow::{Flow, FlowDetails, Flows, NewFlow, OidcContext, Rejection, Started};
pub use login::{AcceptLogin, LoginRequest, LoginReturn};
pub use logout::{Logout, LogoutRequest, NewLogout};
pub use session::Authentication;
pub use store::*;
pub use subject_id::{SubjectPolicy, client_subject};

/// What an admin look-up of a request finds.
#[derive(Debug)]
pub enum Requested<T> {
    /// The request can still be answered.
    Open(T),
    /// The flow has moved on; the browser should go where it began.
    Gone {
        /// The address that starts the flow again.
        redirect_to: String,
    },
}
