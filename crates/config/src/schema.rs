//! The table of all keys: what is allowed, what holds when nothing is given, what it is for.
//!
//! Each section keeps its own rows next to its struct; the check, the conversion of environment
//! variables and the typed settings all read this one table.

use serde_json::Value;

use crate::sections;

/// One key that an operator can set.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The dotted path, such as `serve.public.port`.
    pub path: &'static str,
    /// What values are allowed.
    pub kind: Kind,
    /// What holds when nothing is given.
    pub initial: Initial,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// What it is for, in a sentence.
    pub about: &'static str,
}

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words, in this letter case.
    OneOf(&'static [&'static str]),
    /// An absolute URI (RFC 3986 §3), not empty.
    Uri,
    /// A URI or a relative reference (RFC 3986 §4.1), without blanks.
    UriReference,
    /// `ip:port`, `[ipv6]:port` or a URI.
    HostPort,
    /// `v` and a semantic version.
    Version,
    /// Integers with units `ns us ms s m h`, concatenated: `1h5m1s`.
    Duration,
    /// A duration, or -1 (as number or text) for "never ends".
    DurationOrNever,
    /// `true` or `false`.
    Bool,
    /// A whole number from `min` to `max`.
    Integer {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// One of these whole numbers.
    IntegerOf(&'static [i64]),
    /// Any number that is not negative.
    Number,
    /// A list of texts.
    Texts(Item),
}

/// What the elements of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Any text.
    Any,
    /// A text of at least so many characters.
    MinLength(usize),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An origin for CORS: `*`, or a URI with at most one `*`; none may stand there twice.
    Origin,
    /// A block of IPv4 or IPv6 addresses: `10.0.0.0/8` (RFC 4632 §3.1).
    Cidr,
}

/// What holds when a key is not given.
#[derive(Clone, Copy, Debug)]
pub enum Initial {
    /// Nothing, the key stays unset.
    Unset,
    /// A text.
    Text(&'static str),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A list of texts.
    Texts(&'static [&'static str]),
}

impl Initial {
    /// The default as it would stand in a file; `None` if the key stays unset.
    #[must_use]
    pub fn to_value(self) -> Option<Value> {
        match self {
            Self::Unset => None,
            Self::Text(text) => Some(text.into()),
            Self::Bool(flag) => Some(flag.into()),
            Self::Integer(number) => Some(number.into()),
            Self::Texts(texts) => Some(texts.to_vec().into()),
        }
    }
}

impl Key {
    pub(crate) const fn or(mut self, initial: Initial) -> Self {
        self.initial = initial;
        self
    }

    pub(crate) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// A row of the table; the default and the secrecy are added by the methods of [`Key`].
pub(crate) const fn key(path: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        path,
        kind,
        initial: Initial::Unset,
        secret: false,
        about,
    }
}

/// Every key, section by section.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    sections::TABLES.iter().copied().flatten()
}

/// Objects that tolerate keys which nobody knows; all others refuse them.
const OPEN: [&str; 6] = [
    "sqa",
    "serve.tls",
    "serve.public.tls",
    "serve.admin.tls",
    "serve.cookies.names",
    "oauth2.session",
];

/// Whether the object at this dotted path tolerates unknown keys.
#[must_use]
pub fn is_open(path: &str) -> bool {
    OPEN.contains(&path)
}

/// What stands at a path.
pub(crate) enum Node {
    /// A key of the table.
    Key(&'static Key),
    /// An object that holds keys.
    Object,
    /// Nothing known.
    Unknown,
}

pub(crate) fn node(path: &str) -> Node {
    if path.is_empty() {
        return Node::Object;
    }
    for key in keys() {
        if key.path == path {
            return Node::Key(key);
        }
        if is_below(key.path, path) {
            return Node::Object;
        }
    }
    Node::Unknown
}

/// Whether `path` lies under the object `parent`.
pub(crate) fn is_below(path: &str, parent: &str) -> bool {
    parent.is_empty()
        || path
            .strip_prefix(parent)
            .is_some_and(|rest| rest.starts_with('.'))
}

/// The path of a child, where the root has the empty path.
pub(crate) fn child(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

/// The names of the known children of an object, each once.
pub(crate) fn children(parent: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = keys()
        .filter(|key| is_below(key.path, parent))
        .filter_map(|key| {
            let rest = if parent.is_empty() {
                key.path
            } else {
                key.path.get(parent.len() + 1..)?
            };
            rest.split('.').next()
        })
        .collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_stands_in_the_table_twice_or_above_another() {
        for (at, key) in keys().enumerate() {
            for (other_at, other) in keys().enumerate() {
                assert!(at == other_at || key.path != other.path, "{}", key.path);
                assert!(
                    !is_below(key.path, other.path),
                    "{} {}",
                    key.path,
                    other.path
                );
            }
        }
    }

    #[test]
    fn no_two_paths_answer_to_the_same_variable() {
        let mut names: Vec<String> = keys().map(|k| k.path.replace('_', ".")).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn every_default_is_allowed_by_its_own_kind() {
        for key in keys() {
            if let Some(value) = key.initial.to_value() {
                assert!(
                    crate::validate::faults(key.kind, &value).is_empty(),
                    "{}",
                    key.path
                );
            }
        }
    }
}
