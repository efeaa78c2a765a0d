use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};

pub(crate) const KEYS: &[Key] = &[
    key(
        "clients.http.disallow_private_ip_ranges",
        Kind::Bool,
        "Refuse outgoing calls to private addresses.",
    )
    .or(Initial::Bool(false)),
    key(
        "hsm.enabled",
        Kind::Bool,
        "Keep keys in a PKCS#11 module; not supported.",
    )
    .or(Initial::Bool(false)),
    key("hsm.library", Kind::Text, "Path of the PKCS#11 module."),
    key("hsm.pin", Kind::Text, "PIN of the token.").secret(),
    key(
        "hsm.slot",
        Kind::Integer {
            min: i64::MIN,
            max: i64::MAX,
        },
        "Slot of the token, where it has no label.",
    )
    .or(Initial::Integer(0)),
    key(
        "hsm.token_label",
        Kind::Text,
        "Label of the token; wins over the slot.",
    ),
    key(
        "hsm.key_set_prefix",
        Kind::Text,
        "Prefix of the labels of key sets.",
    )
    .or(Initial::Text("")),
];

/// `clients.*`: the server as a client of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clients {
    /// `clients.http.disallow_private_ip_ranges`: refuse outgoing calls to private addresses, and
    /// client metadata that point there.
    pub disallow_private_ip_ranges: bool,
}

impl Clients {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            disallow_private_ip_ranges: read.flag("clients.http.disallow_private_ip_ranges"),
        }
    }
}
