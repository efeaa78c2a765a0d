use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use serde_json::value::RawValue;

use crate::jwk_parse::{self, JwkFault};
use crate::key_algorithm::KeyAlgorithm;
use crate::key_material::{JwsVerifier, Material, verifier};

/// A JSON Web Key (RFC 7517) that was checked and is kept in Hydra's form: known members only, in
/// its order, empty ones left out.
///
/// Clones share one key, together with what was made of it: its public form and its verifier.
#[derive(Clone)]
pub struct Jwk(Arc<Inner>);

/// What a key consists of, before its text is written.
pub(crate) struct Parts {
    pub(crate) key_use: String,
    pub(crate) kid: String,
    pub(crate) alg: String,
    pub(crate) material: Material,
    pub(crate) x5c: Vec<String>,
    pub(crate) x5t: String,
    pub(crate) x5t_s256: String,
}

struct Inner {
    parts: Parts,
    text: String,
    public: OnceLock<Jwk>,
    /// Nearly every key verifies one algorithm only, so one verifier is kept.
    verifier: OnceLock<(KeyAlgorithm, Arc<dyn JwsVerifier>)>,
}

impl Jwk {
    /// Reads a key. Unknown members and those of other key types are dropped, `null` counts as
    /// missing; `use`, `alg` and `kid` may be any text, whatever the key is.
    ///
    /// # Errors
    /// See [`JwkFault`].
    pub fn parse(json: &Value) -> Result<Self, JwkFault> {
        jwk_parse::parse(json).map(Self::new)
    }

    pub(crate) fn new(parts: Parts) -> Self {
        let text = write(&parts);
        Self(Arc::new(Inner {
            parts,
            text,
            public: OnceLock::new(),
            verifier: OnceLock::new(),
        }))
    }

    /// The `kid`; empty if there is none.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.parts.kid
    }

    /// The `alg`, which may be any text; empty if there is none.
    #[must_use]
    pub fn alg(&self) -> &str {
        &self.0.parts.alg
    }

    /// The `use`, which may be any text; empty if there is none.
    #[must_use]
    pub fn key_use(&self) -> &str {
        &self.0.parts.key_use
    }

    /// The `kty`: `RSA`, `EC`, `OKP` or `oct`.
    #[must_use]
    pub fn kty(&self) -> &'static str {
        self.material().kty()
    }

    /// Whether this is the private half of a pair.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.material().is_private()
    }

    /// Whether this is a shared secret (`oct`), which has no public form.
    #[must_use]
    pub fn is_symmetric(&self) -> bool {
        matches!(self.material(), Material::Symmetric { .. })
    }

    /// The key without its private parts. Of a symmetric key only the names are left, so that a
    /// mistake gives nothing away.
    #[must_use]
    pub fn to_public(&self) -> Self {
        if !self.is_private() && !self.is_symmetric() {
            return self.clone();
        }
        let public = self.0.public.get_or_init(|| {
            let parts = &self.0.parts;
            Self::new(Parts {
                key_use: parts.key_use.clone(),
                kid: parts.kid.clone(),
                alg: parts.alg.clone(),
                material: parts.material.to_public(),
                x5c: parts.x5c.clone(),
                x5t: parts.x5t.clone(),
                x5t_s256: parts.x5t_s256.clone(),
            })
        });
        public.clone()
    }

    /// The key as JSON text, private parts included, members in Hydra's order: `use kty kid crv alg
    /// k x y n e d p q dp dq qi x5c x5t x5t#S256`.
    #[must_use]
    pub fn to_json_text(&self) -> String {
        self.0.text.clone()
    }

    /// The same, to be put into other JSON as it is.
    #[must_use]
    #[expect(clippy::expect_used, reason = "`write` makes JSON only")]
    pub fn to_raw(&self) -> Box<RawValue> {
        RawValue::from_string(self.to_json_text()).expect("the text was written as JSON")
    }

    /// The same as a value, whose members have no order.
    #[must_use]
    pub fn to_json(&self) -> Value {
        members(&self.0.parts)
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    pub(crate) fn material(&self) -> &Material {
        &self.0.parts.material
    }

    /// What verifies signatures of this key; `None` if the algorithm is not one of its type, or the
    /// key is not usable with it.
    pub(crate) fn verifier(&self, algorithm: KeyAlgorithm) -> Option<Arc<dyn JwsVerifier>> {
        match self.0.verifier.get() {
            Some((kept, verifier)) if *kept == algorithm => Some(verifier.clone()),
            _ => {
                let made: Arc<dyn JwsVerifier> = verifier(algorithm, self.material())?.into();
                // If another one is kept already, this one is for now only.
                let _ = self.0.verifier.set((algorithm, made.clone()));
                Some(made)
            }
        }
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.kty())
            .field("kid", &self.kid())
            .field("use", &self.key_use())
            .field("alg", &self.alg())
            .field("private", &self.is_private())
            .finish()
    }
}

/// The members that are not empty, in Hydra's order.
fn members(parts: &Parts) -> impl Iterator<Item = (&'static str, Value)> {
    let mut all = vec![
        ("use", parts.key_use.clone()),
        ("kty", parts.material.kty().to_owned()),
        ("kid", parts.kid.clone()),
        ("crv", parts.material.crv().to_owned()),
        ("alg", parts.alg.clone()),
    ];
    all.extend(parts.material.members());
    let texts = |all: Vec<(&'static str, String)>| {
        all.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name, Value::from(text)))
    };
    let x5c = (!parts.x5c.is_empty()).then(|| ("x5c", Value::from(parts.x5c.clone())));
    let thumbprints = vec![
        ("x5t", parts.x5t.clone()),
        ("x5t#S256", parts.x5t_s256.clone()),
    ];
    texts(all).chain(x5c).chain(texts(thumbprints))
}

fn write(parts: &Parts) -> String {
    let members: Vec<String> = members(parts)
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{RsaBits, generate};

    fn generated(algorithm: KeyAlgorithm) -> Jwk {
        generate(algorithm, "my-key".into(), "sig", RsaBits::Bits2048).unwrap()
    }

    fn names(jwk: &Jwk) -> Vec<String> {
        let text = jwk.to_json_text();
        text.trim_matches(['{', '}'])
            .split(',')
            .map(|member| member.split('"').nth(1).unwrap().to_owned())
            .collect()
    }

    #[test]
    fn members_stand_in_hydras_order() {
        for (algorithm, private, public) in [
            (
                KeyAlgorithm::Es256,
                "use kty kid crv alg x y d",
                "use kty kid crv alg x y",
            ),
            (
                KeyAlgorithm::EdDsa,
                "use kty kid crv alg x d",
                "use kty kid crv alg x",
            ),
            (
                KeyAlgorithm::Rs256,
                "use kty kid alg n e d p q dp dq qi",
                "use kty kid alg n e",
            ),
        ] {
            let jwk = generated(algorithm);
            assert_eq!(names(&jwk).join(" "), private);
            assert_eq!(names(&jwk.to_public()).join(" "), public);
            assert!(jwk.is_private() && !jwk.to_public().is_private());
        }
    }

    #[test]
    fn every_form_of_the_text_reads_back_the_same() {
        let jwk = generated(KeyAlgorithm::Es384);
        assert_eq!(jwk.to_raw().get(), jwk.to_json_text());
        let value: Value = serde_json::from_str(&jwk.to_json_text()).unwrap();
        assert_eq!(value, jwk.to_json());
        assert_eq!(
            Jwk::parse(&value).unwrap().to_json_text(),
            jwk.to_json_text()
        );
    }

    #[test]
    fn odd_names_are_escaped() {
        let json = json!({"kty": "oct", "k": "AA", "kid": "a\"b\\\n"});
        let jwk = Jwk::parse(&json).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(jwk.to_raw().get()).unwrap(),
            json
        );
    }

    #[test]
    fn symmetric_keys_have_no_public_form() {
        let jwk = Jwk::parse(&json!({"kty": "oct", "k": "c2VjcmV0", "kid": "k"})).unwrap();
        assert!(jwk.is_symmetric() && !jwk.is_private());
        assert_eq!(
            jwk.to_json_text(),
            r#"{"kty":"oct","kid":"k","k":"c2VjcmV0"}"#
        );
        assert_eq!(jwk.to_public().to_json_text(), r#"{"kty":"oct","kid":"k"}"#);
    }

    #[test]
    fn private_parts_are_not_printed() {
        let jwk = generated(KeyAlgorithm::Es256);
        let d = jwk.to_json()["d"].as_str().unwrap().to_owned();
        assert_eq!(
            format!("{jwk:?}"),
            r#"Jwk { kty: "EC", kid: "my-key", use: "sig", alg: "ES256", private: true }"#
        );
        assert!(!format!("{jwk:?}").contains(&d));
    }
}
