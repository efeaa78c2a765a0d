//! HTTP for the provider: listeners, routes, cookies, pages. No policy, no storage, no clock: every
//! handler extracts what it needs, calls one method of [`provider::Provider`], and responds.
//!
//! ```no_run
//! # async fn example(provider: std::sync::Arc<provider::Provider>) -> Result<(), Box<dyn std::error::Error>> {
//! use server::{Listener, Server, ServerOptions, Socket, serve};
//! let server = Server::new(provider, ServerOptions::default())?;
//!
//! // Inside of another service, or in a test, without any socket:
//! let request = http::Request::get("/health/alive").body(bytes::Bytes::new())?;
//! let answer = server.handle(Listener::Public, request).await;
//! assert_eq!(answer.status(), 200);
//!
//! // By itself, until ctrl-c:
//! let sockets = vec![
//!     (Listener::Public, Socket::bind("127.0.0.1", 4444).await?),
//!     (Listener::Admin, Socket::bind("127.0.0.1", 4445).await?),
//! ];
//! let stop = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
//! serve(server.into(), sockets, stop).await;
//! # Ok(())
//! # }
//! ```

mod admin;
mod connection;
mod cookies;
mod cors;
mod error;
mod extract;
mod listener;
mod not_found;
mod options;
mod pages;
mod path;
mod public;
mod request_line;
mod respond;
mod router;
mod routes;
mod server;
mod state;
mod timed_io;
mod views;

pub use error::ServerError;
pub use listener::{Socket, serve};
pub use options::{CorsOptions, Limits, Listener, ServerOptions};
pub use server::Server;
