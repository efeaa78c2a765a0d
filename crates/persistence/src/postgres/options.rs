//! The PostgreSQL form of a DSN.

use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::pool::refused;
use super::tls::{Check, Tls};
use crate::dsn::{DsnError, PoolOptions};

/// Words that belong to other drivers and mean nothing here.
const FOREIGN: [&str; 13] = [
    "binary_parameters",
    "default_query_exec_mode",
    "description_cache_capacity",
    "krbspn",
    "krbsrvname",
    "min_read_buffer_size",
    "passfile",
    "service",
    "servicefile",
    "sslinline",
    "sslsni",
    "statement_cache_capacity",
    "statement_cache_mode",
];

/// Words that tokio-postgres knows itself.
const KNOWN: [&str; 16] = [
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "password",
    "port",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Where a PostgreSQL database is and how to connect to it. Has no `Debug`: it holds a password.
pub(crate) struct PostgresDsn {
    config: Config,
    /// `None`: never (`sslmode=disable`).
    tls: Option<Tls>,
    pub(crate) pool: PoolOptions,
}

impl PostgresDsn {
    /// Reads the DSN: `rest` is what follows the scheme, `params` its query without the pool's.
    ///
    /// Words of the driver that Hydra uses are understood or passed over; whatever else there is
    /// becomes a setting of the session, as there.
    pub(crate) fn parse(
        rest: &str,
        params: Vec<(String, String)>,
        pool: PoolOptions,
    ) -> Result<Self, DsnError> {
        let mut kept: Vec<(String, String)> = Vec::new();
        let (mut mode, mut options, mut fallback_name) = (None, Vec::new(), None);
        let (mut root_cert, mut cert, mut key) = (None, None, None);
        for (name, value) in params {
            match name.as_str() {
                "sslmode" => mode = Some(value),
                "sslrootcert" => root_cert = Some(value).filter(|v| !v.is_empty() && v != "system"),
                "sslcert" => cert = Some(value).filter(|v| !v.is_empty()),
                "sslkey" => key = Some(value).filter(|v| !v.is_empty()),
                "fallback_application_name" => fallback_name = Some(value),
                "options" => options.push(value),
                word if KNOWN.contains(&word) => kept.push((name, value)),
                word if FOREIGN.contains(&word) => {}
                word if is_setting(word) => {
                    options.push(format!("-c {word}={}", escape_option(&value)));
                }
                _ => return Err(DsnError::Parameter { name }),
            }
        }
        if let (Some(name), false) = (
            fallback_name,
            kept.iter().any(|(n, _)| n == "application_name"),
        ) {
            kept.push(("application_name".to_owned(), name));
        }
        if !options.is_empty() {
            kept.push(("options".to_owned(), options.join(" ")));
        }
        let query = form_urlencoded(&kept);
        let mut config: Config = format!("postgres://{rest}{query}").parse().map_err(
            |error: tokio_postgres::Error| {
                // The cause names the faulty part, not its value.
                DsnError::Malformed { why: cause(&error) }
            },
        )?;
        let client_cert = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            _ => {
                return Err(DsnError::Malformed {
                    why: "sslcert needs sslkey".to_owned(),
                });
            }
        };
        let (ssl, check) = match mode.as_deref().unwrap_or("prefer") {
            "disable" => (SslMode::Disable, None),
            "allow" | "prefer" => (SslMode::Prefer, Some(Check::Nothing)),
            // As libpq and Hydra's driver: naming an authority asks for its check.
            "require" if root_cert.is_some() => (SslMode::Require, Some(Check::Authority)),
            "require" => (SslMode::Require, Some(Check::Nothing)),
            "verify-ca" => (SslMode::Require, Some(Check::Authority)),
            "verify-full" => (SslMode::Require, Some(Check::AuthorityAndName)),
            _ => {
                return Err(DsnError::Parameter {
                    name: "sslmode".to_owned(),
                });
            }
        };
        config.ssl_mode(ssl);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        let tls = check.map(|check| Tls {
            check,
            root_cert,
            client_cert,
        });
        Ok(Self { config, tls, pool })
    }

    /// Makes a connection.
    pub(crate) async fn connect(&self) -> Result<AsyncPgConnection, ConnectionError> {
        match &self.tls {
            None => {
                let (client, conn) = self
                    .config
                    .connect(NoTls)
                    .await
                    .map_err(|error| refused(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, conn).await
            }
            Some(tls) => {
                let tls = tls.config().map_err(|error| refused(&error))?;
                let (client, conn) = self
                    .config
                    .connect(MakeRustlsConnect::new(tls))
                    .await
                    .map_err(|error| refused(&error))?;
                AsyncPgConnection::try_from_client_and_connection(client, conn).await
            }
        }
    }
}

fn is_setting(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
}

fn escape_option(value: &str) -> String {
    value.replace('\\', "\\\\").replace(' ', "\\ ")
}

fn form_urlencoded(pairs: &[(String, String)]) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let mut out = String::new();
    for (name, value) in pairs {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    out
}

fn cause(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(rest: &str, params: &[(&str, &str)]) -> Result<PostgresDsn, DsnError> {
        let params = params
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        PostgresDsn::parse(rest, params, PoolOptions::default())
    }

    #[test]
    fn sslmode_says_how_far_the_certificate_is_checked() {
        for (params, expected) in [
            (vec![], Some(Check::Nothing)),
            (vec![("sslmode", "disable")], None),
            (vec![("sslmode", "require")], Some(Check::Nothing)),
            (
                vec![("sslmode", "require"), ("sslrootcert", "ca")],
                Some(Check::Authority),
            ),
            (vec![("sslmode", "verify-ca")], Some(Check::Authority)),
            (
                vec![("sslmode", "verify-full")],
                Some(Check::AuthorityAndName),
            ),
        ] {
            let dsn = parse("u:p@h/db", &params).unwrap();
            assert_eq!(dsn.tls.map(|tls| tls.check), expected, "{params:?}");
        }
        assert!(parse("u:p@h/db", &[("sslmode", "perhaps")]).is_err());
    }

    #[test]
    fn words_of_other_drivers_are_no_obstacle() {
        let dsn = parse(
            "u:p%40ss@h:5433/db",
            &[
                ("statement_cache_mode", "describe"),
                ("fallback_application_name", "web"),
                ("search_path", "a b"),
                ("connect_timeout", "3"),
            ],
        )
        .unwrap();
        assert_eq!(dsn.config.get_application_name(), Some("web"));
        assert_eq!(dsn.config.get_options(), Some("-c search_path=a\\ b"));
        assert_eq!(
            dsn.config.get_connect_timeout(),
            Some(&Duration::from_secs(3))
        );
        assert_eq!(dsn.config.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(dsn.config.get_ports(), &[5433]);
    }

    #[test]
    fn errors_do_not_repeat_the_password() {
        let error = parse("u:hunter2@h:port/db", &[]).err().unwrap();
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
}
