//! Why keys cannot be used.

use oauth_types::{ErrorCode, OAuthError, StoreError};

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// There is nothing to open or seal keys with.
    #[error("no system secret is configured (secrets.system), so key set {set:?} cannot be used")]
    NoSecret {
        /// The set.
        set: String,
    },
    /// A key is sealed under a secret that is not configured any more, or is damaged.
    #[error("key {kid:?} of set {set:?} cannot be opened with any of secrets.system")]
    Sealed {
        /// The set.
        set: String,
        /// The key.
        kid: String,
    },
    /// A key cannot be generated or does not sign.
    #[error("key set {set:?}: {why}")]
    Unusable {
        /// The set.
        set: String,
        /// What the library says.
        why: String,
    },
    /// The set has a key of that id, or two keys that come together have one id.
    #[error("there is a key of that id in the set already")]
    Taken,
    /// The name of a set or key is not one that every back end can keep.
    #[error("Names of key sets and keys must not be longer than 255 characters.")]
    NameTooLong,
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeyFault> for OAuthError {
    fn from(fault: KeyFault) -> Self {
        let set = match &fault {
            KeyFault::Taken => return ErrorCode::Duplicate.into(),
            KeyFault::NameTooLong => {
                return Self::new(ErrorCode::Malformed).hint(fault.to_string());
            }
            KeyFault::Store(_) => {
                let KeyFault::Store(error) = fault else {
                    return ErrorCode::ServerError.into();
                };
                return error.into();
            }
            KeyFault::NoSecret { set }
            | KeyFault::Sealed { set, .. }
            | KeyFault::Unusable { set, .. } => set,
        };
        let hint = format!(
            "Could not ensure that signing keys for '{set}' exists. If you are running against a \
             persistent SQL database this is most likely because your 'secrets.system' \
             ('SECRETS_SYSTEM' environment variable) is not set or changed."
        );
        Self::new(ErrorCode::ServerError)
            .hint(hint)
            .debug(fault.to_string())
    }
}
