use crate::RawJson;
use crate::decode::{Body, DecodeError, Members};

/// What a key is to be that is generated, decoded and not yet judged. Texts are empty where they are
/// absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateKeyBody {
    /// `alg`.
    pub alg: String,
    /// `use`.
    pub key_use: String,
    /// `kid`.
    pub kid: String,
}

impl Body for CreateKeyBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        Ok(Self {
            alg: members.text_or_empty("alg")?,
            key_use: members.text_or_empty("use")?,
            kid: members.text_or_empty("kid")?,
        })
    }
}

/// A key set (RFC 7517 §5). Its keys are not looked at here, since inside of a key other rules hold.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySetBody {
    /// `keys`; `None` if it is absent or `null`.
    pub keys: Option<Vec<RawJson>>,
}

impl Body for KeySetBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        Ok(Self {
            keys: members.list("keys")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_first;

    #[test]
    fn a_set_tells_no_keys_from_none() {
        for (body, keys) in [
            ("{}", Ok(None)),
            ("null", Ok(None)),
            (r#"{"keys":null}"#, Ok(None)),
            (r#"{"kty":"EC"}"#, Ok(None)),
            (r#"{"keys":[]}"#, Ok(Some(0))),
            (r#"{"KEYS":[{},null,7]}"#, Ok(Some(3))),
            (r#"{"keys":{}}"#, Err(())),
            (r#"{"keys":"x"}"#, Err(())),
            ("[]", Err(())),
        ] {
            let read = decode_first::<KeySetBody>(body.as_bytes()).map_err(|_| ());
            assert_eq!(read.map(|set| set.keys.map(|k| k.len())), keys, "{body}");
        }
    }

    #[test]
    fn members_of_a_new_key_are_texts_or_absent() {
        let body: CreateKeyBody =
            decode_first(br#"{"ALG":"HS256","alg":"ES256","kid":null} x"#).unwrap();
        assert_eq!((&*body.alg, &*body.key_use, &*body.kid), ("ES256", "", ""));
        for body in [r#"{"kid":5}"#, r#"{"use":["sig"]}"#, r#"{"alg":256}"#] {
            assert!(decode_first::<CreateKeyBody>(body.as_bytes()).is_err());
        }
    }
}
