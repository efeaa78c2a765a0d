//! Keys as JSON text, in which a name may stand twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::jwk::Jwk;
use crate::jwk_parse::JwkFault;

impl Jwk {
    /// Reads a key from its text. Names count as they are written and none may stand twice, since
    /// readers that disagree about which one counts would see two different keys.
    ///
    /// # Errors
    /// See [`JwkFault`].
    pub fn parse_text(json: &str) -> Result<Self, JwkFault> {
        match serde_json::from_str(json) {
            Ok(Members(Some(members))) => Self::parse(&Value::Object(members)),
            Ok(Members(None)) => Err(JwkFault::Twice),
            Err(_) => Err(JwkFault::NotAnObject),
        }
    }
}

/// The members of an object; `None` if a name stands in it twice.
struct Members(Option<Map<String, Value>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let (mut members, mut twice) = (Map::new(), false);
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    twice |= members.insert(name, value).is_some();
                }
                Ok(Members((!twice).then_some(members)))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_object_in_which_no_name_stands_twice() {
        for (json, fault) in [
            (r#"{"kty":"oct","k":"AAAA","kid":"a"}"#, None),
            (r#"{"kty":"oct","k":"AAAA","kid":"a","KID":"b"}"#, None),
            (
                r#"{"kty":"oct","k":"AAAA","kid":"a","kid":"a"}"#,
                Some(JwkFault::Twice),
            ),
            (r#"{"kty":"DSA"}"#, Some(JwkFault::UnknownType)),
            ("[]", Some(JwkFault::NotAnObject)),
            ("null", Some(JwkFault::NotAnObject)),
            ("{} {}", Some(JwkFault::NotAnObject)),
            ("", Some(JwkFault::NotAnObject)),
        ] {
            assert_eq!(Jwk::parse_text(json).err(), fault, "{json}");
        }
    }
}
