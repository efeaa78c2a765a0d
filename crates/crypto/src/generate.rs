use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::EcKey;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use zeroize::Zeroizing;

use crate::jwk::{Jwk, Parts};
use crate::key_algorithm::KeyAlgorithm;
use crate::key_material::{Curve, Material, RsaPrivate};

/// How long new RSA keys of the algorithms RS256, RS384 and RS512 are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RsaBits {
    /// 2,048 bits: signs several times faster.
    Bits2048,
    /// 3,072 bits.
    Bits3072,
    /// 4,096 bits, as Hydra's.
    #[default]
    Bits4096,
}

/// OpenSSL could not make a key: no memory, or no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the key could not be generated")]
pub struct GenerateError(#[from] ErrorStack);

impl RsaBits {
    /// Reads a number of bits; `None` if it is none of the three.
    #[must_use]
    pub fn parse(bits: u32) -> Option<Self> {
        [Self::Bits2048, Self::Bits3072, Self::Bits4096]
            .into_iter()
            .find(|b| b.bits() == bits)
    }

    /// The number of bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
        }
    }
}

/// Makes a private key. RSA keys take up to seconds of work: keep this off the I/O threads.
///
/// Its randomness is OpenSSL's own. Hydra: PS256, PS384 and PS512 keys have 2,048 bits, whatever
/// the setting.
///
/// # Errors
/// [`GenerateError`] if OpenSSL fails.
pub fn generate(
    algorithm: KeyAlgorithm,
    kid: String,
    key_use: &str,
    rsa_bits: RsaBits,
) -> Result<Jwk, GenerateError> {
    use KeyAlgorithm as A;
    let material = match algorithm {
        A::Rs256 | A::Rs384 | A::Rs512 => rsa(rsa_bits)?,
        A::Ps256 | A::Ps384 | A::Ps512 => rsa(RsaBits::Bits2048)?,
        A::Es256 => ec(Curve::P256)?,
        A::Es384 => ec(Curve::P384)?,
        A::Es512 => ec(Curve::P521)?,
        A::EdDsa => ed25519()?,
    };
    Ok(Jwk::new(Parts {
        key_use: key_use.to_owned(),
        kid,
        alg: algorithm.as_str().to_owned(),
        material,
        x5c: Vec::new(),
        x5t: String::new(),
        x5t_s256: String::new(),
    }))
}

fn rsa(bits: RsaBits) -> Result<Material, ErrorStack> {
    let key = Rsa::generate(bits.bits())?;
    let optional = |number: Option<&openssl::bn::BigNumRef>| {
        number.map(|number| Zeroizing::new(number.to_vec()))
    };
    let factor = |number| optional(number).ok_or_else(ErrorStack::get);
    Ok(Material::Rsa {
        n: key.n().to_vec(),
        e: key.e().to_vec(),
        private: Some(RsaPrivate {
            d: Zeroizing::new(key.d().to_vec()),
            p: factor(key.p())?,
            q: factor(key.q())?,
            dp: optional(key.dmp1()),
            dq: optional(key.dmq1()),
            qi: optional(key.iqmp()),
        }),
    })
}

fn ec(curve: Curve) -> Result<Material, ErrorStack> {
    let group = curve.group()?;
    let key = EcKey::generate(&group)?;
    let (mut x, mut y, mut context) = (BigNum::new()?, BigNum::new()?, BigNumContext::new()?);
    key.public_key()
        .affine_coordinates(&group, &mut x, &mut y, &mut context)?;
    let length = i32::try_from(curve.length()).unwrap_or_default();
    Ok(Material::Ec {
        curve,
        x: x.to_vec_padded(length)?,
        y: y.to_vec_padded(length)?,
        d: Some(Zeroizing::new(key.private_key().to_vec_padded(length)?)),
    })
}

fn ed25519() -> Result<Material, ErrorStack> {
    let key = PKey::generate_ed25519()?;
    let d = Some(Zeroizing::new(key.raw_private_key()?));
    Ok(Material::Ed25519 {
        x: key.raw_public_key()?,
        d,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_keys_are_good_keys() {
        for (algorithm, kty, crv) in [
            (KeyAlgorithm::Rs256, "RSA", None),
            (KeyAlgorithm::Ps256, "RSA", None),
            (KeyAlgorithm::Es256, "EC", Some("P-256")),
            (KeyAlgorithm::Es384, "EC", Some("P-384")),
            (KeyAlgorithm::Es512, "EC", Some("P-521")),
            (KeyAlgorithm::EdDsa, "OKP", Some("Ed25519")),
        ] {
            let key = generate(algorithm, "a-kid".into(), "enc", RsaBits::Bits2048).unwrap();
            let json = key.to_json();
            assert_eq!(json["kty"], kty);
            assert_eq!(json.get("crv").and_then(|crv| crv.as_str()), crv);
            assert_eq!(
                (key.kid(), key.alg(), key.key_use()),
                ("a-kid", algorithm.as_str(), "enc")
            );
            assert_eq!(
                Jwk::parse(&json).unwrap().to_json_text(),
                key.to_json_text()
            );
        }
    }

    #[test]
    fn rsa_keys_have_the_bits_asked_for() {
        let key = generate(KeyAlgorithm::Rs384, "k".into(), "sig", RsaBits::Bits3072).unwrap();
        assert_eq!(key.to_json()["n"].as_str().unwrap().len(), 512);
        let key = generate(KeyAlgorithm::Ps384, "k".into(), "sig", RsaBits::Bits3072).unwrap();
        assert_eq!(key.to_json()["n"].as_str().unwrap().len(), 342);
    }

    #[test]
    fn three_lengths_are_known() {
        for (bits, known) in [(2048, true), (3072, true), (4096, true), (1024, false)] {
            assert_eq!(
                RsaBits::parse(bits).map(RsaBits::bits),
                known.then_some(bits)
            );
        }
        assert_eq!(RsaBits::default().bits(), 4096);
    }
}
