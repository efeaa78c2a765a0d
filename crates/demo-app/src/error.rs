use std::{io, net::SocketAddr};

use url::Url;

use crate::HttpFault;

/// Why the demo cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The demo was to listen where others can reach it.
    #[error(
        "the demo listens on loopback addresses only, since its passwords are known to all; \
         {0} is none: use 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// A base address of Hydrus that the demo will not speak to.
    #[error(
        "the {what} address of Hydrus must begin with http:// and name this machine \
         (127.0.0.1, [::1] or localhost), but it is {url}"
    )]
    BadBase {
        /// `public` or `admin`.
        what: &'static str,
        /// The refused value.
        url: Url,
    },
    /// The listener handed over is not the configured one.
    #[error("the demo is configured for {configured} but its listener is bound to {bound}")]
    OtherListener {
        /// What the configuration says.
        configured: SocketAddr,
        /// Where the listener is.
        bound: SocketAddr,
    },
    /// The listener is broken.
    #[error("the demo's listener failed: {0}")]
    Listener(#[from] io::Error),
    /// The admin port cannot be spoken to.
    #[error("registering the demo client failed: {0}")]
    Unreachable(#[from] HttpFault),
    /// The admin port refused the demo client.
    #[error("Hydrus refused the demo client with status {status}: {excerpt}")]
    ClientRefused {
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        excerpt: String,
    },
}
