use std::fmt;

use crypto::Jwk;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The client's own keys (RFC 7591 §2, `jwks`): the text of a JWK set in Hydra's form, each key
/// checked. Prints no key, since nothing keeps a client from registering a private one.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKeys {
    text: String,
    keyless: bool,
}

impl ClientKeys {
    /// Reads the member `jwks`. Unknown members, of the set and of keys, are dropped; an object
    /// without `keys` stays one.
    ///
    /// # Errors
    /// A sentence for the registrant if it is no set, or if a key of it is none.
    pub fn parse(json: &str) -> Result<Self, String> {
        let Once(set) = serde_json::from_str(json).map_err(|_| not_a_set())?;
        let member = set
            .into_iter()
            .rfind(|(name, _)| name.eq_ignore_ascii_case("keys"));
        let Some((_, keys)) = member else {
            return Ok(Self::default());
        };
        if keys.get() == "null" {
            return Ok(Self {
                text: r#"{"keys":null}"#.to_owned(),
                keyless: true,
            });
        }
        let keys: Vec<&RawValue> = serde_json::from_str(keys.get()).map_err(|_| not_a_set())?;
        let mut texts = Vec::with_capacity(keys.len());
        for (number, key) in keys.iter().enumerate() {
            let key =
                Jwk::parse_text(key.get()).map_err(|why| format!("jwks.keys[{number}]: {why}"))?;
            texts.push(key.to_json_text());
        }
        Ok(Self {
            keyless: texts.is_empty(),
            text: format!(r#"{{"keys":[{}]}}"#, texts.join(",")),
        })
    }

    /// Takes a set as [`ClientKeys::as_str`] gave it, without looking at each key again; `None` if
    /// it is no JSON.
    pub(crate) fn from_stored(text: String) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(&text).ok()?;
        Some(Self {
            keyless: matches!(text.as_str(), "{}" | r#"{"keys":null}"# | r#"{"keys":[]}"#),
            text,
        })
    }

    /// The set as JSON text, `{}` if it has no `keys`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is no key in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keyless
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<Jwk> {
        let set: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let keys = set.get("keys").and_then(Value::as_array);
        keys.into_iter()
            .flatten()
            .filter_map(|key| Jwk::parse(key).ok())
            .collect()
    }
}

impl Default for ClientKeys {
    fn default() -> Self {
        Self {
            text: "{}".to_owned(),
            keyless: true,
        }
    }
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.keyless {
            "ClientKeys(none)"
        } else {
            "ClientKeys([redacted])"
        })
    }
}

fn not_a_set() -> String {
    "jwks: it must be a JSON Web Key Set, an object whose member 'keys' is a list of keys"
        .to_owned()
}

/// The members of an object, in order, repeated ones included.
struct Once(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Once;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Once(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Once, A::Error> {
                Err(A::Error::custom("a list is no object"))
            }
        }
        deserializer.deserialize_any(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = r#"{"crv":"Ed25519","colour":"red","kty":"OKP","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const ED_KEPT: &str = r#"{"kty":"OKP","kid":"ed","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn sets_are_kept_in_one_form() {
        for (json, kept, empty) in [
            ("{}", "{}".to_owned(), true),
            (r#"{"more":1}"#, "{}".to_owned(), true),
            (r#"{"keys":null}"#, r#"{"keys":null}"#.to_owned(), true),
            (r#"{ "keys" : [] }"#, r#"{"keys":[]}"#.to_owned(), true),
            (
                &format!(r#"{{"KEYS":[{ED},{ED}],"more":1}}"#),
                format!(r#"{{"keys":[{ED_KEPT},{ED_KEPT}]}}"#),
                false,
            ),
        ] {
            let keys = ClientKeys::parse(json).unwrap();
            assert_eq!((keys.as_str(), keys.is_empty()), (kept.as_str(), empty));
            assert_eq!(keys.keys().is_empty(), empty);
            assert_eq!(ClientKeys::parse(keys.as_str()), Ok(keys.clone()));
            assert_eq!(ClientKeys::from_stored(kept), Some(keys));
        }
    }

    #[test]
    fn what_is_no_set_of_keys_is_refused() {
        for json in [
            "[]",
            "\"x\"",
            "{\"keys\":{}}",
            "{\"keys\":[\"x\"]}",
            "{\"keys\":[{}]}",
            "{\"keys\":[null]}",
            "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}",
        ] {
            assert!(ClientKeys::parse(json).is_err(), "{json}");
        }
        let twice = ED.replace(r#""kid":"#, r#""kid":"first","kid":"#);
        assert!(ClientKeys::parse(&format!(r#"{{"keys":[{twice}]}}"#)).is_err());
    }

    #[test]
    fn keys_are_not_printed() {
        let set = format!(r#"{{"keys":[{ED}]}}"#);
        let keys = ClientKeys::parse(&set).unwrap();
        assert!(!format!("{keys:?}").contains("11qY"));
    }
}
