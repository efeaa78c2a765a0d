//! Keys at rest: one JSON Web Key, sealed as Hydra seals it.

use crypto::{Jwk, SystemSecrets};
use oauth_types::{Entropy, Timestamp};

use crate::{KeyFault, KeyRecord};

/// Seals a key for a set.
pub(crate) fn close(
    set: &str,
    key: &Jwk,
    created_at: Timestamp,
    secrets: &SystemSecrets,
    entropy: &dyn Entropy,
) -> Result<KeyRecord, KeyFault> {
    let sealed = secrets
        .seal(key.to_json_text().as_bytes(), entropy)
        .map_err(|_| KeyFault::NoSecret {
            set: set.to_owned(),
        })?;
    Ok(KeyRecord {
        set: set.to_owned(),
        kid: key.kid().to_owned(),
        created_at,
        sealed,
    })
}

/// Opens a stored key.
pub(crate) fn open(record: &KeyRecord, secrets: &SystemSecrets) -> Result<Jwk, KeyFault> {
    let fault = || KeyFault::Sealed {
        set: record.set.clone(),
        kid: record.kid.clone(),
    };
    let plain = secrets.open(&record.sealed).map_err(|_| fault())?;
    let json = serde_json::from_slice(&plain).map_err(|_| fault())?;
    Jwk::parse(&json).map_err(|_| fault())
}
