//! A login, consent and logout app, and a relying party, in one small server: what stands beside
//! Hydrus in `hydrus demo`, and the reference to copy from.
//!
//! It knows Hydrus only over HTTP: the public port (discovery, authorization, token, userinfo,
//! revocation, logout) as any relying party does, the admin port (login, consent and logout
//! requests, introspection, registration of a client) as any app of the operator does.
//!
//! | To write your own … | read |
//! |---|---|
//! | login app | `login.rs`, then `admin_api.rs` |
//! | consent app | `consent.rs` |
//! | logout app | `logout.rs` |
//! | relying party | `relying_party/`, then `id_token.rs` |
//!
//! Hydrus must be told where the apps are: [`DemoConfig`] gives the values of its settings.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use demo_app::DemoConfig;
//! let config = DemoConfig::new(
//!     "http://127.0.0.1:4444/".parse()?,
//!     "http://127.0.0.1:4445/".parse()?,
//!     "127.0.0.1:5555".parse()?,
//! )?;
//! assert_eq!(config.login_url(), "http://127.0.0.1:5555/login"); // urls.login
//! assert!(
//!     DemoConfig::new(config.public.clone(), config.admin.clone(), "0.0.0.0:5555".parse()?).is_err(),
//!     "whoever can reach the demo can log in, so only this machine may"
//! );
//! # Ok(()) }
//! ```
//!
//! Then [`register_client`], [`serve`], and either print [`welcome`] or let [`once::walk`] click
//! through the whole flow.

mod accounts;
mod admin_api;
mod app;
mod config;
mod consent;
mod cookies;
mod csp;
mod csrf;
mod error;
mod http_client;
mod id_token;
mod jose;
mod login;
mod logout;
mod pages;
mod params;
mod problem;
mod register;
mod relying_party;
mod respond;
mod routes;
mod serve;
mod visit;
mod welcome;

pub mod once;

pub use config::DemoConfig;
pub use error::DemoError;
pub use http_client::HttpFault;
pub use register::{DemoClient, register_client};
pub use serve::serve;
pub use welcome::welcome;
