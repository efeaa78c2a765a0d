//! The numbers of a key, and what OpenSSL and josekit make of them.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private, Public};
use openssl::rsa::{Rsa, RsaPrivateKeyBuilder};
use zeroize::Zeroizing;

use josekit::jws::alg::ecdsa::EcdsaJwsAlgorithm as Ecdsa;
use josekit::jws::alg::eddsa::EddsaJwsAlgorithm as Eddsa;
use josekit::jws::alg::rsassa::RsassaJwsAlgorithm as Rsassa;
use josekit::jws::alg::rsassa_pss::RsassaPssJwsAlgorithm as RsassaPss;
pub(crate) use josekit::jws::{JwsSigner, JwsVerifier};

use crate::encoding::to_url;
use crate::key_algorithm::KeyAlgorithm;

type Bytes = Zeroizing<Vec<u8>>;

/// The key itself, by its type. Lengths and curve points were checked, RSA numbers are big-endian
/// without zeros before them.
pub(crate) enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
        private: Option<RsaPrivate>,
    },
    Ec {
        curve: Curve,
        x: Vec<u8>,
        y: Vec<u8>,
        d: Option<Bytes>,
    },
    Ed25519 {
        x: Vec<u8>,
        d: Option<Bytes>,
    },
    Symmetric {
        k: Bytes,
    },
}

/// The private numbers of RSA (RFC 8017 §3.2).
pub(crate) struct RsaPrivate {
    pub(crate) d: Bytes,
    pub(crate) p: Bytes,
    pub(crate) q: Bytes,
    pub(crate) dp: Option<Bytes>,
    pub(crate) dq: Option<Bytes>,
    pub(crate) qi: Option<Bytes>,
}

/// The curves of ECDSA (RFC 7518 §6.2.1.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Material {
    pub(crate) fn kty(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec { .. } => "EC",
            Self::Ed25519 { .. } => "OKP",
            Self::Symmetric { .. } => "oct",
        }
    }

    pub(crate) fn crv(&self) -> &'static str {
        match self {
            Self::Ec { curve, .. } => curve.name(),
            Self::Ed25519 { .. } => "Ed25519",
            Self::Rsa { .. } | Self::Symmetric { .. } => "",
        }
    }

    pub(crate) fn is_private(&self) -> bool {
        match self {
            Self::Rsa { private, .. } => private.is_some(),
            Self::Ec { d, .. } | Self::Ed25519 { d, .. } => d.is_some(),
            Self::Symmetric { .. } => false,
        }
    }

    /// Nothing private is left; nothing at all of a symmetric key.
    pub(crate) fn to_public(&self) -> Self {
        match self {
            Self::Rsa { n, e, .. } => Self::Rsa {
                n: n.clone(),
                e: e.clone(),
                private: None,
            },
            Self::Ec { curve, x, y, .. } => Self::Ec {
                curve: *curve,
                x: x.clone(),
                y: y.clone(),
                d: None,
            },
            Self::Ed25519 { x, .. } => Self::Ed25519 {
                x: x.clone(),
                d: None,
            },
            Self::Symmetric { .. } => Self::Symmetric {
                k: Bytes::default(),
            },
        }
    }

    /// Names and base64url texts in the order of the JSON form.
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        let text = |bytes: &Option<Bytes>| bytes.as_ref().map_or_else(String::new, |b| to_url(b));
        match self {
            Self::Rsa { n, e, private } => {
                let mut all = vec![("n", to_url(n)), ("e", to_url(e))];
                if let Some(RsaPrivate {
                    d,
                    p,
                    q,
                    dp,
                    dq,
                    qi,
                }) = private
                {
                    all.extend([("d", to_url(d)), ("p", to_url(p)), ("q", to_url(q))]);
                    all.extend([("dp", text(dp)), ("dq", text(dq)), ("qi", text(qi))]);
                }
                all
            }
            Self::Ec { x, y, d, .. } => vec![("x", to_url(x)), ("y", to_url(y)), ("d", text(d))],
            Self::Ed25519 { x, d } => vec![("x", to_url(x)), ("d", text(d))],
            Self::Symmetric { k } => vec![("k", to_url(k))],
        }
    }

    /// The public key; `None` if there is none or OpenSSL does not take it.
    pub(crate) fn public_key(&self) -> Option<PKey<Public>> {
        let key = match self {
            Self::Rsa { n, e, .. } => Rsa::from_public_components(number(n).ok()?, number(e).ok()?)
                .and_then(PKey::from_rsa),
            Self::Ec { curve, x, y, .. } => curve.point(x, y).and_then(PKey::from_ec_key),
            Self::Ed25519 { x, .. } => PKey::public_key_from_raw_bytes(x, Id::ED25519),
            Self::Symmetric { .. } => return None,
        };
        key.ok()
    }
}

impl RsaPrivate {
    /// Whether n = pq, and d and the optional numbers fit (RFC 8017 §3.2). That p and q are primes is
    /// not tested: it takes long, and whoever gives a private key away can do worse.
    pub(crate) fn is_consistent(&self, n: &[u8], e: &[u8]) -> Result<bool, ErrorStack> {
        let (n, e, d) = (number(n)?, number(e)?, number(&self.d)?);
        let (p, q) = (number(&self.p)?, number(&self.q)?);
        let one = BigNum::from_u32(1)?;
        if p <= one || q <= one || e <= one {
            return Ok(false);
        }
        let (p1, q1) = (&p - &one, &q - &one);
        let product = |a: &BigNum, b: &BigNum, modulus: &BigNum| {
            let (mut context, mut result) = (BigNumContext::new_secure()?, BigNum::new_secure()?);
            result.mod_mul(a, b, modulus, &mut context)?;
            Ok(result)
        };
        let is_rest = |given: &Option<Bytes>, modulus: &BigNum| match given {
            Some(given) => Ok(number(given)? == rest(&d, modulus)?),
            None => Ok(true),
        };
        let inverse = match &self.qi {
            Some(qi) => product(&number(qi)?, &q, &p)? == one,
            None => true,
        };
        let good = &p * &q == n
            && product(&e, &d, &p1)? == rest(&one, &p1)?
            && product(&e, &d, &q1)? == rest(&one, &q1)?;
        Ok(good && inverse && is_rest(&self.dp, &p1)? && is_rest(&self.dq, &q1)?)
    }

    /// The whole key; the optional numbers are made where they are missing.
    fn build(&self, n: &[u8], e: &[u8]) -> Result<Rsa<Private>, ErrorStack> {
        let (d, p, q) = (number(&self.d)?, number(&self.p)?, number(&self.q)?);
        let one = BigNum::from_u32(1)?;
        let dp = rest(&d, &(&p - &one))?;
        let dq = rest(&d, &(&q - &one))?;
        let (mut qi, mut context) = (BigNum::new_secure()?, BigNumContext::new_secure()?);
        qi.mod_inverse(&q, &p, &mut context)?;
        let key = RsaPrivateKeyBuilder::new(number(n)?, number(e)?, d)?;
        Ok(key.set_factors(p, q)?.set_crt_params(dp, dq, qi)?.build())
    }
}

impl Curve {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Bytes of a coordinate.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) fn group(self) -> Result<EcGroup, ErrorStack> {
        EcGroup::from_curve_name(match self {
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
            Self::P521 => Nid::SECP521R1,
        })
    }

    pub(crate) fn has_point(self, x: &[u8], y: &[u8]) -> bool {
        self.point(x, y).is_ok()
    }

    /// Fails if the point is not on the curve.
    fn point(self, x: &[u8], y: &[u8]) -> Result<EcKey<Public>, ErrorStack> {
        let group = self.group()?;
        EcKey::from_public_key_affine_coordinates(&group, &*number(x)?, &*number(y)?)
    }
}

/// What signs with a private key of the algorithm's type; `None` if the key is another's, public,
/// or an RSA key of fewer than 2,048 bits (RFC 7518 §3.3).
pub(crate) fn signer(algorithm: KeyAlgorithm, key: &Material) -> Option<Box<dyn JwsSigner>> {
    use KeyAlgorithm as A;
    fits(algorithm, key).then_some(())?;
    let der = private_key(key)?;
    Some(match algorithm {
        A::Rs256 => Box::new(Rsassa::Rs256.signer_from_der(&*der).ok()?),
        A::Rs384 => Box::new(Rsassa::Rs384.signer_from_der(&*der).ok()?),
        A::Rs512 => Box::new(Rsassa::Rs512.signer_from_der(&*der).ok()?),
        A::Ps256 => Box::new(RsassaPss::Ps256.signer_from_der(&*der).ok()?),
        A::Ps384 => Box::new(RsassaPss::Ps384.signer_from_der(&*der).ok()?),
        A::Ps512 => Box::new(RsassaPss::Ps512.signer_from_der(&*der).ok()?),
        A::Es256 => Box::new(Ecdsa::Es256.signer_from_der(&*der).ok()?),
        A::Es384 => Box::new(Ecdsa::Es384.signer_from_der(&*der).ok()?),
        A::Es512 => Box::new(Ecdsa::Es512.signer_from_der(&*der).ok()?),
        A::EdDsa => Box::new(Eddsa::Eddsa.signer_from_der(&*der).ok()?),
    })
}

/// What verifies by the public part of a key of the algorithm's type.
pub(crate) fn verifier(algorithm: KeyAlgorithm, key: &Material) -> Option<Box<dyn JwsVerifier>> {
    use KeyAlgorithm as A;
    fits(algorithm, key).then_some(())?;
    let der = key.public_key()?.public_key_to_der().ok()?;
    Some(match algorithm {
        A::Rs256 => Box::new(Rsassa::Rs256.verifier_from_der(der).ok()?),
        A::Rs384 => Box::new(Rsassa::Rs384.verifier_from_der(der).ok()?),
        A::Rs512 => Box::new(Rsassa::Rs512.verifier_from_der(der).ok()?),
        A::Ps256 => Box::new(RsassaPss::Ps256.verifier_from_der(der).ok()?),
        A::Ps384 => Box::new(RsassaPss::Ps384.verifier_from_der(der).ok()?),
        A::Ps512 => Box::new(RsassaPss::Ps512.verifier_from_der(der).ok()?),
        A::Es256 => Box::new(Ecdsa::Es256.verifier_from_der(der).ok()?),
        A::Es384 => Box::new(Ecdsa::Es384.verifier_from_der(der).ok()?),
        A::Es512 => Box::new(Ecdsa::Es512.verifier_from_der(der).ok()?),
        A::EdDsa => Box::new(Eddsa::Eddsa.verifier_from_der(der).ok()?),
    })
}

/// Whether keys of this type are used with the algorithm. What the key itself claims to be for does
/// not count.
fn fits(algorithm: KeyAlgorithm, key: &Material) -> bool {
    use KeyAlgorithm as A;
    match algorithm {
        A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
            matches!(key, Material::Rsa { .. })
        }
        A::Es256 => matches!(
            key,
            Material::Ec {
                curve: Curve::P256,
                ..
            }
        ),
        A::Es384 => matches!(
            key,
            Material::Ec {
                curve: Curve::P384,
                ..
            }
        ),
        A::Es512 => matches!(
            key,
            Material::Ec {
                curve: Curve::P521,
                ..
            }
        ),
        A::EdDsa => matches!(key, Material::Ed25519 { .. }),
    }
}

/// PKCS #8 (RFC 5208), of RSA keys PKCS #1 (RFC 8017 §A.1.2): what josekit reads.
pub(crate) fn private_key(key: &Material) -> Option<Bytes> {
    let der = match key {
        Material::Rsa { n, e, private } => private
            .as_ref()?
            .build(n, e)
            .and_then(|key| key.private_key_to_der()),
        Material::Ec { curve, x, y, d } => {
            let group = curve.group().ok()?;
            let (point, d) = (curve.point(x, y).ok()?, secret(d.as_ref()?).ok()?);
            EcKey::from_private_components(&group, &d, point.public_key())
                .and_then(PKey::from_ec_key)
                .and_then(|key| key.private_key_to_pkcs8())
        }
        Material::Ed25519 { d, .. } => PKey::private_key_from_raw_bytes(d.as_ref()?, Id::ED25519)
            .and_then(|key| key.private_key_to_pkcs8()),
        Material::Symmetric { .. } => return None,
    };
    der.ok().map(Zeroizing::new)
}

fn number(bytes: &[u8]) -> Result<BigNum, ErrorStack> {
    BigNum::from_slice(bytes)
}

fn secret(bytes: &[u8]) -> Result<BigNum, ErrorStack> {
    let mut number = BigNum::new_secure()?;
    number.copy_from_slice(bytes)?;
    Ok(number)
}

fn rest(of: &BigNum, modulus: &BigNum) -> Result<BigNum, ErrorStack> {
    let (mut result, mut context) = (BigNum::new_secure()?, BigNumContext::new_secure()?);
    result.nnmod(of, modulus, &mut context)?;
    Ok(result)
}
