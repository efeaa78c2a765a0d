//! Outgoing HTTP behind [`oauth_types::Fetch`]: bounded in time and size, tried again where that
//! helps, and guarded against being led into the operator's own network.
//!
//! The guard looks at the addresses that a name resolves to and connects to one that it has seen,
//! so that a name that changes between look and leap gains nothing.
//!
//! ```
//! use http_client::HttpClient;
//! use oauth_types::{Fetch, FetchError, FetchRequest, Reach};
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! let client = HttpClient::default();
//! let inward = FetchRequest::get("http://127.0.0.1:1/", Reach::PublicOnly);
//! let refused = client.fetch(inward).await;
//! assert!(matches!(refused, Err(FetchError::Forbidden(_))));
//! # });
//! ```

mod client;
mod connect;
mod exchange;
mod target;

pub use client::{HttpClient, Patience};
