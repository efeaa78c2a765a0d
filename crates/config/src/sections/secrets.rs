use oauth_types::Secret;

use crate::reader::Reader;
use crate::schema::{Item, Key, Kind, key};

pub(crate) const KEYS: &[Key] = &[
    key(
        "secrets.system",
        Kind::Texts(Item::MinLength(16)),
        "Secrets that sign tokens and seal stored data; the first in use, the others only to read.",
    )
    .secret(),
    key(
        "secrets.cookie",
        Kind::Texts(Item::MinLength(16)),
        "Secrets of the cookies, the first in use; without any the first system secret serves.",
    )
    .secret(),
];

/// `secrets.*`. The first of each list is in use, the others serve to read what is older.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// What signs tokens and seals stored data; may be empty, then nothing can be signed.
    pub system: Vec<Secret>,
    /// What signs and seals cookies; empty: derived from the first system secret.
    pub cookie: Vec<Secret>,
}

impl Secrets {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            system: read.secrets("secrets.system"),
            cookie: read.secrets("secrets.cookie"),
        }
    }
}
