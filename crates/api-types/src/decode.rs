//! Reading request bodies with the leniency of Go's decoder: names in any letter case, of repeated
//! members the last, `null` as absent, only the first value, broken characters replaced.

use oauth_types::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::RawJson;
use crate::json_text::{MAX_DEPTH, repair};

/// A JSON body that can be read with [`decode_first`].
pub trait Body: Sized {
    /// Takes the members that it knows. It decides itself whether others are refused.
    ///
    /// # Errors
    /// [`DecodeError`] for a member of the wrong type.
    fn read(members: &Members) -> Result<Self, DecodeError>;
}

/// Why a body cannot be read. The text is meant for the sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is nothing.
    #[error("EOF")]
    Empty,
    /// It is no JSON.
    #[error("{0}")]
    Syntax(String),
    /// It is nested too deeply.
    #[error("exceeded max depth of {MAX_DEPTH}")]
    TooDeep,
    /// It is JSON, but no object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// A member has the wrong type.
    #[error("the member \"{member}\" must be {expected}")]
    WrongType {
        /// Its name, with those around it.
        member: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A member that the operation does not know, where that counts.
    #[error("json: unknown field \"{0}\"")]
    UnknownMember(String),
}

/// Reads the first JSON value of a body; whatever follows it is not looked at. `null` counts as an
/// object without members.
///
/// # Errors
/// [`DecodeError`], worded for the sender.
pub fn decode_first<T: Body>(body: &[u8]) -> Result<T, DecodeError> {
    let text = repair(body)?;
    T::read(&Members::of(first(&text)?, String::new())?.unwrap_or_default())
}

/// The text of the first JSON value of a body, for values that have rules of their own.
///
/// # Errors
/// [`DecodeError`], worded for the sender.
pub fn first_value(body: &[u8]) -> Result<RawJson, DecodeError> {
    let text = repair(body)?;
    first(&text).map(RawJson::new)
}

fn first(text: &str) -> Result<&RawValue, DecodeError> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    values
        .next()
        .ok_or(DecodeError::Empty)?
        .map_err(|why| DecodeError::Syntax(why.to_string()))
}

/// The members of a JSON object, in their order.
#[derive(Default)]
pub struct Members {
    list: Vec<(String, Box<RawValue>)>,
    /// The names around the object, each with a dot, for error texts.
    path: String,
}

impl Members {
    /// `None` for `null`.
    fn of(value: &RawValue, path: String) -> Result<Option<Self>, DecodeError> {
        match value.get().as_bytes().first() {
            Some(b'n') => return Ok(None),
            Some(b'{') => {}
            _ if path.is_empty() => return Err(DecodeError::NotAnObject),
            _ => {
                let member = path.trim_end_matches('.').to_owned();
                let expected = "an object";
                return Err(DecodeError::WrongType { member, expected });
            }
        }
        let List(list) = serde_json::from_str(value.get())
            .map_err(|why| DecodeError::Syntax(why.to_string()))?;
        Ok(Some(Self { list, path }))
    }

    /// Refuses members that are not among `names`.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), DecodeError> {
        let known = |name: &str| names.iter().any(|n| n.eq_ignore_ascii_case(name));
        match self.list.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(DecodeError::UnknownMember(name.clone())),
            None => Ok(()),
        }
    }

    /// A text; `None` if it is absent or `null`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, DecodeError> {
        self.value(name, "a text")
    }

    /// A text; empty if it is absent or `null`.
    pub(crate) fn text_or_empty(&self, name: &str) -> Result<String, DecodeError> {
        self.text(name).map(Option::unwrap_or_default)
    }

    /// `true` or `false`; `false` if it is absent or `null`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, DecodeError> {
        let flag: Option<bool> = self.value(name, "true or false")?;
        Ok(flag.unwrap_or_default())
    }

    /// An integer of 64 bits, without fraction and exponent.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, DecodeError> {
        let integer = |raw: &RawValue| raw.get().parse().ok();
        self.read(name, "an integer of 64 bits", integer)
    }

    /// A list of texts, in which `null` is the empty text; `None` if it is absent or `null`.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, DecodeError> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        let list: Option<Vec<Option<String>>> = serde_json::from_str(raw.get())
            .map_err(|_| self.wrong_type(name, "a list of texts"))?;
        Ok(list.map(|l| l.into_iter().map(Option::unwrap_or_default).collect()))
    }

    /// A list of any values; `None` if it is absent or `null`.
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<RawJson>>, DecodeError> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        let list: Option<Vec<&RawValue>> =
            serde_json::from_str(raw.get()).map_err(|_| self.wrong_type(name, "a list"))?;
        Ok(list.map(|l| l.into_iter().map(RawJson::new).collect()))
    }

    /// A time (RFC 3339).
    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, DecodeError> {
        let time = |raw: &RawValue| {
            let text: String = serde_json::from_str(raw.get()).ok()?;
            // Hydra: the letters are capitals, and no blank stands between date and time.
            let plain = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
            plain.then(|| Timestamp::parse_rfc3339(&text)).flatten()
        };
        self.read(name, "a time such as 2006-01-02T15:04:05Z", time)
    }

    /// An object with members of its own.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Members>, DecodeError> {
        match self.raw(name) {
            Some(raw) => Self::of(raw, format!("{}{name}.", self.path)),
            None => Ok(None),
        }
    }

    /// An object of any content.
    pub(crate) fn map(&self, name: &str) -> Result<Option<Map<String, Value>>, DecodeError> {
        self.value(name, "an object")
    }

    /// Any value, `null` included.
    pub(crate) fn any(&self, name: &str) -> Option<RawJson> {
        self.raw(name).map(RawJson::new)
    }

    fn value<T: for<'de> Deserialize<'de>>(
        &self,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, DecodeError> {
        self.read(name, expected, |raw| serde_json::from_str(raw.get()).ok())
    }

    /// The last that is not `null`, since `null` leaves an earlier value alone.
    fn read<T>(
        &self,
        name: &str,
        expected: &'static str,
        read: impl Fn(&RawValue) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        let given = |(n, raw): &&(String, Box<RawValue>)| {
            n.eq_ignore_ascii_case(name) && raw.get() != "null"
        };
        match self.list.iter().rfind(given) {
            None => Ok(None),
            Some((_, raw)) => match read(raw) {
                Some(value) => Ok(Some(value)),
                None => Err(self.wrong_type(name, expected)),
            },
        }
    }

    fn raw(&self, name: &str) -> Option<&RawValue> {
        let found = self
            .list
            .iter()
            .rfind(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, raw)| &**raw)
    }

    fn wrong_type(&self, name: &str, expected: &'static str) -> DecodeError {
        DecodeError::WrongType {
            member: format!("{}{name}", self.path),
            expected,
        }
    }
}

struct List(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = List;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    list.push(entry);
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests;
