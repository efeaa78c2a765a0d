//! From the provider's answers to the shapes of the wire, and back.

mod client;
mod draft;
mod flows;
mod patch;
mod public;
mod trust;

pub(crate) use client::client;
pub(crate) use draft::{draft, lifespans};
pub(crate) use flows::{
    accept_consent, accept_login, consent_request, consent_session, login_request, logout_request,
    rejection,
};
pub(crate) use patch::patched;
pub(crate) use public::{Algs, discovery, introspection};
pub(crate) use trust::trusted_issuer;
