//! One method per endpoint of the server, without HTTP: the door for embedding.
//!
//! A [`Provider`] joins the domain crates over [`Stores`], a [`Policy`], a clock and entropy. It
//! takes what a request says (parameters, headers that matter, cookies) and answers what is to be
//! sent; `server` does no more than translate. `docs/embedding.md` walks through an example.
//!
//! ```
//! use provider::CookieLifetime;
//! // Even a cookie is only described here; its attributes are the server's.
//! assert_ne!(CookieLifetime::Browser, CookieLifetime::Removed);
//! ```

mod answer;
mod authorize;
mod authorize_back;
mod bearer;
mod clients;
mod clients_admin;
mod clients_change;
mod cookies;
mod cross_origin;
mod flows_admin;
mod keys_admin;
mod logout;
mod policy;
mod provider;
mod readiness;
mod registration;
mod stores;
mod token;
mod tokens_admin;
mod trust_admin;
mod userinfo;

pub use answer::{BrowserAnswer, BrowserRequest, CookieChange, CookieLifetime, Cookies, Go};
pub use bearer::BearerRequest;
pub use client_registry::{
    Client, ClientDraft, ClientFilter, ClientKeys, Lifespans as ClientLifespans,
    Patch as ClientPatch, Registration, origin_matches, parse_duration, print_duration,
};
pub use clients_admin::{ClientCreated, ClientReplacedView};
pub use consent_flow::{
    AcceptConsent, AcceptLogin, ConsentRequest, ConsentSession, ConsentSessionData, LoginRequest,
    LogoutRequest, OidcContext, Rejection, Requested,
};
pub use keys_admin::KeyRequest;
pub use oauth_core::{
    ActiveToken, Discovery, Introspection, IssuerRecord, TokenResponse, UserinfoError,
};
pub use policy::{CookiePolicy, Policy, SameSite, Urls};
pub use provider::{Provider, ProviderParts};
pub use readiness::{AlwaysReady, NotReady, Readiness};
pub use registration::RegistrationChanged;
pub use stores::Stores;
pub use trust_admin::TrustRequest;
pub use userinfo::Userinfo;
