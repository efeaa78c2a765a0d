//! Words of the OAuth 2.0 and OpenID Connect specifications as types, and the ports through which
//! time, entropy, other servers' answers and storage errors enter the domain.
//!
//! Nothing here does I/O or decides policy. Texts that travel through the protocol have a type
//! each, so that a login challenge can never be taken for a consent challenge:
//!
//! ```
//! use oauth_types::{Scopes, Timestamp};
//! let requested = Scopes::parse("openid  offline openid");
//! assert_eq!(requested.join(), "openid offline");
//! assert!(requested.has("OPENID"), "the provider's own scopes are known in any letter case");
//! assert_eq!(Timestamp::from_secs(60).plus_secs(1).as_secs(), 61);
//! ```

mod macros;

mod audience;
mod challenge;
mod client_id;
mod entropy;
mod error;
mod error_code;
mod fetch;
mod grant_type;
mod params;
mod private_range;
mod prompt;
mod response_mode;
mod response_type;
mod scope;
mod secret;
mod signature;
mod store;
mod subject;
mod time;

pub use audience::Audiences;
pub use challenge::{
    ConsentChallenge, ConsentVerifier, LoginChallenge, LoginVerifier, LogoutChallenge,
    LogoutVerifier, SessionId, VerifierHash,
};
pub use client_id::{ClientGuard, ClientId, ClientVersion};
pub use entropy::{Entropy, EntropyExt};
pub use error::OAuthError;
pub use error_code::ErrorCode;
pub use fetch::{Fetch, FetchError, FetchRequest, FetchResponse, NoFetch, Reach};
pub use grant_type::GrantType;
pub use params::{FormBody, Params, form_decode};
pub use private_range::private_range;
pub use prompt::{Prompt, Prompts};
pub use response_mode::ResponseMode;
pub use response_type::ResponseTypes;
pub use scope::Scopes;
pub use secret::{Secret, SecretHash};
pub use signature::{AccessSignature, CodeSignature, GrantId, RefreshSignature};
pub use store::{Found, Guarded, LeaseStore, Page, Paged, StoreError, StoreResult};
pub use subject::Subject;
pub use time::{Clock, Duration, SystemClock, Timestamp};
