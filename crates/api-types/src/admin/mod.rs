//! Shapes of the admin API.

mod client_body;
mod client_view;
mod flow_bodies;
mod flow_views;
mod key_bodies;
mod lifespans;
mod trust;

pub use client_body::ClientBody;
pub use client_view::ClientView;
pub use flow_bodies::{AcceptConsentBody, AcceptLoginBody, ConsentSessionBody, RejectBody};
pub use flow_views::{
    ConsentRequestView, ConsentSessionView, LoginRequestView, LogoutRequestView, OidcContextView,
    RedirectTo, SessionView,
};
pub use key_bodies::{CreateKeyBody, KeySetBody};
pub use lifespans::LifespanTexts;
pub use trust::{TrustBody, TrustView, TrustedKeyView};
