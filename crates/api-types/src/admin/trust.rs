use oauth_types::Timestamp;
use serde::Serialize;

use crate::RawJson;
use crate::decode::{Body, DecodeError, Members};

/// An issuer that is to be trusted, decoded and not yet judged.
#[derive(Clone, Debug)]
pub struct TrustBody {
    /// `issuer`; empty: absent.
    pub issuer: String,
    /// `subject`; empty: absent.
    pub subject: String,
    /// `allow_any_subject`.
    pub allow_any_subject: bool,
    /// `scope`; the answer tells absent (or `null`) from empty.
    pub scope: Option<Vec<String>>,
    /// `jwk` as it was sent, `null` included, which is no key; `None` only if it is absent.
    pub jwk: Option<RawJson>,
    /// `expires_at`.
    pub expires_at: Option<Timestamp>,
}

impl Body for TrustBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        Ok(Self {
            issuer: members.text_or_empty("issuer")?,
            subject: members.text_or_empty("subject")?,
            allow_any_subject: members.flag("allow_any_subject")?,
            scope: members.texts("scope")?,
            jwk: members.any("jwk"),
            expires_at: members.time("expires_at")?,
        })
    }
}

/// A trusted issuer as answers show it: Hydra's members in Hydra's order.
#[derive(Clone, Debug, Serialize)]
pub struct TrustView<'a> {
    /// Its id.
    pub id: &'a str,
    /// The `iss` of its assertions.
    pub issuer: &'a str,
    /// The subject it may vouch for; empty: any.
    pub subject: &'a str,
    /// Whether it may vouch for any subject.
    pub allow_any_subject: bool,
    /// The scopes it may ask for; `None` is `null`, which is told right after a create without them.
    pub scope: Option<&'a [String]>,
    /// What verifies its assertions.
    pub public_key: TrustedKeyView<'a>,
    /// When it was trusted, RFC 3339.
    pub created_at: String,
    /// Until when, RFC 3339.
    pub expires_at: String,
}

/// Where the key of a trusted issuer is kept.
#[derive(Clone, Debug, Serialize)]
pub struct TrustedKeyView<'a> {
    /// The key set.
    pub set: &'a str,
    /// The key in it.
    pub kid: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode_first, to_go_json};

    #[test]
    fn members_stand_in_hydra_s_order() {
        let view = TrustView {
            id: "1",
            issuer: "i",
            subject: "",
            allow_any_subject: true,
            scope: None,
            public_key: TrustedKeyView { set: "i", kid: "k" },
            created_at: "2023-01-05T10:20:30Z".into(),
            expires_at: "2024-01-05T10:20:30Z".into(),
        };
        assert_eq!(
            to_go_json(&view),
            concat!(
                r#"{"id":"1","issuer":"i","subject":"","allow_any_subject":true,"scope":null,"#,
                r#""public_key":{"set":"i","kid":"k"},"created_at":"2023-01-05T10:20:30Z","#,
                r#""expires_at":"2024-01-05T10:20:30Z"}"#,
            )
        );
    }

    #[test]
    fn a_key_that_is_null_is_told_from_none() {
        let read = |body: &str| decode_first::<TrustBody>(body.as_bytes());
        assert!(read("{}").unwrap().jwk.is_none());
        assert!(read(r#"{"jwk":null}"#).unwrap().jwk.unwrap().is_null());
    }

    #[test]
    fn members_of_the_wrong_type_and_broken_times_are_refused() {
        for body in [
            r#"{"issuer":1}"#,
            r#"{"allow_any_subject":"true"}"#,
            r#"{"scope":"openid"}"#,
            r#"{"scope":["openid",1]}"#,
            r#"{"expires_at":4102444799}"#,
            r#"{"expires_at":""}"#,
            r#"{"expires_at":"2099-12-31"}"#,
            r#"{"expires_at":"2099-12-31T23:59:59"}"#,
            r#"{"expires_at":"2099-02-30T00:00:00Z"}"#,
            r#"{"expires_at":"2099-12-31 23:59:59Z"}"#,
            r#"{"expires_at":"2099-12-31t23:59:59z"}"#,
        ] {
            assert!(
                decode_first::<TrustBody>(body.as_bytes()).is_err(),
                "{body}"
            );
        }
    }
}
