use std::path::PathBuf;

use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};
use crate::sections::cookies::Cookies;
use crate::sections::cors::Cors;
use crate::sections::tls::Tls;

macro_rules! interface {
    ($name:literal, $port:literal) => {
        &[
            key(
                concat!("serve.", $name, ".port"),
                Kind::Integer {
                    min: 1,
                    max: 65_535,
                },
                "TCP port.",
            )
            .or(Initial::Integer($port)),
            key(
                concat!("serve.", $name, ".host"),
                Kind::Text,
                "Listen address: a host, an IP address or `unix:/path`; empty for all addresses.",
            )
            .or(Initial::Text("")),
            key(
                concat!("serve.", $name, ".socket.owner"),
                Kind::Text,
                "Owner of the unix socket; empty keeps the user of the process.",
            )
            .or(Initial::Text("")),
            key(
                concat!("serve.", $name, ".socket.group"),
                Kind::Text,
                "Group of the unix socket; empty keeps the group of the process.",
            )
            .or(Initial::Text("")),
            key(
                concat!("serve.", $name, ".socket.mode"),
                Kind::Integer { min: 0, max: 0o777 },
                "Mode of the unix socket.",
            )
            .or(Initial::Integer(0o755)),
            key(
                concat!("serve.", $name, ".request_log.disable_for_health"),
                Kind::Bool,
                "Log health checks at trace level only.",
            )
            .or(Initial::Bool(false)),
        ]
    };
}

pub(crate) const PUBLIC: &[Key] = interface!("public", 4444);
pub(crate) const ADMIN: &[Key] = interface!("admin", 4445);

/// `serve.*`: the two listeners and the cookies.
#[derive(Clone, Debug)]
pub struct Serve {
    /// `serve.public`: the protocol endpoints.
    pub public: Interface,
    /// `serve.admin`: the API for administrators, to be kept private.
    pub admin: Interface,
    /// `serve.cookies`.
    pub cookies: Cookies,
}

/// One listener.
#[derive(Clone, Debug)]
pub struct Interface {
    /// TCP port; without meaning for a unix socket.
    pub port: u16,
    /// Host, IP address or `unix:/path` as configured; empty for all addresses.
    pub host: String,
    /// Owner, group and mode of a unix socket.
    pub socket: Socket,
    /// Whether health checks are logged at trace level only.
    pub disable_request_log_for_health: bool,
    /// Cross-origin requests.
    pub cors: Cors,
    /// TLS, with `serve.tls` as fallback for every key.
    pub tls: Tls,
}

/// How a unix socket file is to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// User name; empty keeps the user of the process.
    pub owner: String,
    /// Group name; empty keeps the group of the process.
    pub group: String,
    /// Permission bits, at most `0o777`.
    pub mode: u32,
}

/// Where a listener listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// On a TCP port; `host` is empty for all addresses, and an IPv6 address has no brackets.
    Tcp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// On a unix socket.
    Unix(PathBuf),
}

impl Serve {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            public: Interface::read(read, "serve.public"),
            admin: Interface::read(read, "serve.admin"),
            cookies: Cookies::read(read),
        }
    }
}

impl Interface {
    fn read(read: &Reader<'_>, path: &str) -> Self {
        let at = |name: &str| format!("{path}.{name}");
        Self {
            port: read.integer(&at("port")),
            host: read.text(&at("host")),
            socket: Socket {
                owner: read.text(&at("socket.owner")),
                group: read.text(&at("socket.group")),
                mode: read.integer(&at("socket.mode")),
            },
            disable_request_log_for_health: read.flag(&at("request_log.disable_for_health")),
            cors: Cors::read(read, &at("cors")),
            tls: Tls::read(read, &at("tls")),
        }
    }

    /// Where to listen.
    #[must_use]
    pub fn listen(&self) -> Listen {
        if let Some(path) = self.host.strip_prefix("unix:") {
            return Listen::Unix(path.into());
        }
        let bare = self
            .host
            .strip_prefix('[')
            .and_then(|h| h.strip_suffix(']'));
        Listen::Tcp {
            host: bare.unwrap_or(&self.host).to_owned(),
            port: self.port,
        }
    }

    /// Host and port as a URL names them: `localhost` for all addresses and for unix sockets.
    pub(crate) fn authority(&self) -> String {
        match self.listen() {
            Listen::Unix(_) => format!("localhost:{}", self.port),
            Listen::Tcp { host, port } if matches!(host.as_str(), "" | "0.0.0.0" | "::") => {
                format!("localhost:{port}")
            }
            Listen::Tcp { host, port } if host.contains(':') => format!("[{host}]:{port}"),
            Listen::Tcp { host, port } => format!("{host}:{port}"),
        }
    }
}
