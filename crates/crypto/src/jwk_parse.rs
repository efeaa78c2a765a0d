//! The rules by which a JSON Web Key is read.

use openssl::x509::X509;
use serde_json::{Map, Value};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::constant_time_eq;
use crate::encoding::{from_std, from_url, to_std, to_url};
use crate::jwk::Parts;
use crate::key_material::{Curve, Material, RsaPrivate};

/// Longer numbers are no RSA keys (16,384 bits is what OpenSSL takes).
const MAX_RSA: usize = 2048;

/// Why a JSON value is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkFault {
    /// It is no JSON object.
    #[error("a JSON Web Key is a JSON object")]
    NotAnObject,
    /// A member stands in the key's text twice.
    #[error("a member stands in it twice")]
    Twice,
    /// `kty` is missing or none of `RSA`, `EC`, `OKP` and `oct`; letter case counts.
    #[error("the key type is unknown")]
    UnknownType,
    /// `crv` is missing or not a curve of the key type.
    #[error("the curve is unknown")]
    UnknownCurve,
    /// A member that the key type demands is missing or empty.
    #[error("the member {0:?} is missing")]
    Missing(&'static str),
    /// A member is not of the JSON type that it must be of.
    #[error("the member {0:?} is of the wrong type")]
    WrongType(&'static str),
    /// A member is not unpadded base64url.
    #[error("the member {0:?} is not base64url")]
    NotBase64(&'static str),
    /// A member has not the length that the curve or the hash demands, or is far too long.
    #[error("the member {0:?} has the wrong length")]
    WrongLength(&'static str),
    /// `x` and `y` are not a point of the curve.
    #[error("the coordinates are not on the curve")]
    NotOnCurve,
    /// The numbers of an RSA private key do not belong together.
    #[error("the parts of the RSA key do not belong together")]
    Inconsistent,
    /// `x5u` is set, which is not supported: keys are never fetched because a key says so.
    #[error("the member \"x5u\" is not supported")]
    CertificateAddress,
    /// `x5c` is no list of certificates, or its first one is of another key.
    #[error("the certificates are not the key's")]
    Certificate,
    /// A thumbprint is not the one of the first certificate.
    #[error("the member {0:?} does not fit the certificate")]
    Thumbprint(&'static str),
}

/// Members that hold bytes. All are decoded, also those that the key type does not have.
const BINARY: [&str; 11] = ["k", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi"];

pub(crate) fn parse(json: &Value) -> Result<Parts, JwkFault> {
    let members = Members(json.as_object().ok_or(JwkFault::NotAnObject)?);
    for name in BINARY {
        members.bytes(name)?;
    }
    if members.0.get("x5u").is_some_and(|value| !value.is_null()) {
        return Err(JwkFault::CertificateAddress);
    }
    let material = match members.text("kty")? {
        "RSA" => rsa(&members)?,
        "EC" => ec(&members)?,
        "OKP" => okp(&members)?,
        // an empty `k` would make the whole set unreadable, so it is refused.
        "oct" => Material::Symmetric {
            k: Zeroizing::new(members.required("k")?),
        },
        _ => return Err(JwkFault::UnknownType),
    };
    let (x5t, x5t_s256) = (
        members.thumbprint("x5t", 20)?,
        members.thumbprint("x5t#S256", 32)?,
    );
    let x5c = certificates(&members, &material, &x5t, &x5t_s256)?;
    let shown = |thumbprint: Option<Vec<u8>>| thumbprint.map_or_else(String::new, |t| to_url(&t));
    Ok(Parts {
        key_use: members.text("use")?.to_owned(),
        kid: members.text("kid")?.to_owned(),
        alg: members.text("alg")?.to_owned(),
        material,
        x5c,
        x5t: shown(x5t),
        x5t_s256: shown(x5t_s256),
    })
}

struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    /// A text; empty if it is missing or `null`.
    fn text(&self, name: &'static str) -> Result<&'a str, JwkFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(JwkFault::WrongType(name)),
        }
    }

    fn bytes(&self, name: &'static str) -> Result<Option<Vec<u8>>, JwkFault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            _ => from_url(self.text(name)?)
                .map(Some)
                .ok_or(JwkFault::NotBase64(name)),
        }
    }

    fn required(&self, name: &'static str) -> Result<Vec<u8>, JwkFault> {
        self.bytes(name)?
            .filter(|bytes| !bytes.is_empty())
            .ok_or(JwkFault::Missing(name))
    }

    fn exactly(&self, name: &'static str, length: usize) -> Result<Vec<u8>, JwkFault> {
        let bytes = self.required(name)?;
        if bytes.len() == length {
            Ok(bytes)
        } else {
            Err(JwkFault::WrongLength(name))
        }
    }

    /// A private value of exactly that length, where there is one.
    fn private(
        &self,
        name: &'static str,
        length: usize,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, JwkFault> {
        let given = self.bytes(name)?.is_some();
        given
            .then(|| self.exactly(name, length).map(Zeroizing::new))
            .transpose()
    }

    /// An unsigned number without the zeros before it.
    fn number(&self, name: &'static str) -> Result<Vec<u8>, JwkFault> {
        let bytes = self.required(name)?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        match bytes.len() - zeros {
            0 => Err(JwkFault::Missing(name)),
            1..=MAX_RSA => Ok(bytes[zeros..].to_vec()),
            _ => Err(JwkFault::WrongLength(name)),
        }
    }

    fn optional_number(&self, name: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>, JwkFault> {
        let given = self.bytes(name)?.is_some();
        given
            .then(|| self.number(name).map(Zeroizing::new))
            .transpose()
    }

    fn thumbprint(&self, name: &'static str, length: usize) -> Result<Option<Vec<u8>>, JwkFault> {
        let given = !self.text(name)?.is_empty();
        let bytes = given.then(|| from_url(self.text(name)?).ok_or(JwkFault::NotBase64(name)));
        match bytes.transpose()? {
            Some(bytes) if bytes.len() != length => Err(JwkFault::WrongLength(name)),
            bytes => Ok(bytes),
        }
    }
}

/// RFC 7518 §6.3. The primes are demanded, `oth` is ignored.
fn rsa(members: &Members) -> Result<Material, JwkFault> {
    let (n, e) = (members.number("n")?, members.number("e")?);
    let Some(d) = members.optional_number("d")? else {
        return Ok(Material::Rsa {
            n,
            e,
            private: None,
        });
    };
    let private = RsaPrivate {
        d,
        p: Zeroizing::new(members.number("p")?),
        q: Zeroizing::new(members.number("q")?),
        dp: members.optional_number("dp")?,
        dq: members.optional_number("dq")?,
        qi: members.optional_number("qi")?,
    };
    // An error of OpenSSL means numbers that it cannot calculate with.
    if !private.is_consistent(&n, &e).unwrap_or_default() {
        return Err(JwkFault::Inconsistent);
    }
    Ok(Material::Rsa {
        n,
        e,
        private: Some(private),
    })
}

/// RFC 7518 §6.2. Hydra: whether `d` belongs to the point is not checked.
fn ec(members: &Members) -> Result<Material, JwkFault> {
    let curve = Curve::parse(members.text("crv")?).ok_or(JwkFault::UnknownCurve)?;
    let x = members.exactly("x", curve.length())?;
    let y = members.exactly("y", curve.length())?;
    let d = members.private("d", curve.length())?;
    if !curve.has_point(&x, &y) {
        return Err(JwkFault::NotOnCurve);
    }
    Ok(Material::Ec { curve, x, y, d })
}

/// RFC 8037 §2. Q-26: a `d` that is too short is refused, not filled up with zeros.
fn okp(members: &Members) -> Result<Material, JwkFault> {
    if members.text("crv")? != "Ed25519" {
        return Err(JwkFault::UnknownCurve);
    }
    Ok(Material::Ed25519 {
        x: members.exactly("x", 32)?,
        d: members.private("d", 32)?,
    })
}

/// RFC 7517 §4.7 to §4.9: the first certificate is the key's own.
fn certificates(
    members: &Members,
    material: &Material,
    x5t: &Option<Vec<u8>>,
    x5t_s256: &Option<Vec<u8>>,
) -> Result<Vec<String>, JwkFault> {
    let list = match members.0.get("x5c") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(JwkFault::WrongType("x5c")),
    };
    let mut texts = Vec::new();
    for (at, entry) in list.iter().enumerate() {
        let text = entry.as_str().ok_or(JwkFault::WrongType("x5c"))?;
        let der = from_std(text).ok_or(JwkFault::Certificate)?;
        let certificate = X509::from_der(&der).map_err(|_| JwkFault::Certificate)?;
        if at == 0 {
            let (its, ours) = (certificate.public_key(), material.public_key());
            let (Ok(its), Some(ours)) = (its, ours) else {
                return Err(JwkFault::Certificate);
            };
            if !its.public_eq(&ours) {
                return Err(JwkFault::Certificate);
            }
            fits("x5t", x5t, &Sha1::digest(&der))?;
            fits("x5t#S256", x5t_s256, &Sha256::digest(&der))?;
        }
        texts.push(to_std(&der));
    }
    Ok(texts)
}

fn fits(name: &'static str, given: &Option<Vec<u8>>, right: &[u8]) -> Result<(), JwkFault> {
    match given {
        Some(given) if !constant_time_eq(given, right) => Err(JwkFault::Thumbprint(name)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "jwk_parse_tests.rs"]
mod tests;
