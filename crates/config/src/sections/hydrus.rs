use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};

pub(crate) const KEYS: &[Key] = &[key(
    "hydrus.keys.rsa_bits",
    Kind::IntegerOf(&[2048, 3072, 4096]),
    "Size of RSA keys that the server generates for itself, in bits.",
)
.or(Initial::Integer(4096))];

/// `hydrus.*`: keys that Hydra does not have. Each default is what Hydra does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hydrus {
    /// `hydrus.keys.rsa_bits`: size of RSA keys that the server generates for itself, in bits;
    /// 2048, 3072 or 4096. Smaller keys are made and used faster.
    pub rsa_bits: u32,
}

impl Hydrus {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            rsa_bits: read.integer("hydrus.keys.rsa_bits"),
        }
    }
}
