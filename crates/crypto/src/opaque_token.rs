use hmac::Mac;
use oauth_types::{AccessSignature, Entropy, Secret};

use crate::constant_time_eq;
use crate::digest::sha384_hex;
use crate::encoding::{from_url, to_url};
use crate::system_secrets::{NoSecret, SystemSecrets};

/// Longer texts are no opaque tokens; ours have 94 characters.
const MAX_LENGTH: usize = 1024;

/// What an opaque token is good for; its prefix says so to people and to secret scanners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `ory_at_`, an access token (RFC 6749 §1.4) or a registration access token (RFC 7591 §3.2.1).
    AccessToken,
    /// `ory_rt_`, a refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// `ory_ac_`, an authorization code (RFC 6749 §1.3.1).
    AuthorizationCode,
}

/// A new token and what finds it again.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The token as it travels, 94 characters.
    pub token: Secret,
    /// Its part behind the dot, 43 characters: the key of the stored row. It opens nothing alone.
    pub signature: String,
}

/// Why a presented text is no token of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It does not consist of two parts with one dot between them.
    #[error("the token does not have two parts")]
    Malformed,
    /// A part is not unpadded base64url.
    #[error("the token is not base64url")]
    NotBase64,
    /// No system secret yields this signature.
    #[error("the token's signature is wrong")]
    Mismatch,
}

impl TokenKind {
    /// How tokens of this kind begin.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessToken => "ory_at_",
            Self::RefreshToken => "ory_rt_",
            Self::AuthorizationCode => "ory_ac_",
        }
    }
}

impl SystemSecrets {
    /// Makes a token: 32 random bytes and their HMAC-SHA-512/256 under the first secret.
    ///
    /// # Errors
    /// [`NoSecret`] if there is no system secret.
    pub fn mint(&self, kind: TokenKind, entropy: &dyn Entropy) -> Result<Minted, NoSecret> {
        let keys = self.keys();
        let key = keys.first().ok_or(NoSecret)?;
        let mut random = [0; 32];
        entropy.fill(&mut random);
        let mac = key
            .token_mac
            .clone()
            .chain_update(random)
            .finalize()
            .into_bytes();
        let signature = to_url(&mac);
        let token = format!("{}{}.{signature}", kind.prefix(), to_url(&random));
        Ok(Minted {
            token: Secret::new(token),
            signature,
        })
    }

    /// Whether this server made the presented text, by any of its secrets. It needs no database, so
    /// it comes before every look-up.
    ///
    /// The prefix of the kind may be missing, as it does in tokens of Hydra 1.x. It is not
    /// authenticated: each kind has rows of its own. The prefix of another kind is a mismatch or no
    /// base64.
    ///
    /// # Errors
    /// See [`TokenFault`].
    pub fn check(&self, kind: TokenKind, presented: &str) -> Result<(), TokenFault> {
        let bare = presented.strip_prefix(kind.prefix()).unwrap_or(presented);
        let (random, signature) = parts(bare).ok_or(TokenFault::Malformed)?;
        let random = from_url(random).ok_or(TokenFault::NotBase64)?;
        let signature = from_url(signature).ok_or(TokenFault::NotBase64)?;
        let fits = |key: &crate::system_secrets::SystemKey| {
            let mac = key
                .token_mac
                .clone()
                .chain_update(&random)
                .finalize()
                .into_bytes();
            constant_time_eq(&mac, &signature)
        };
        if self.keys().iter().any(fits) {
            Ok(())
        } else {
            Err(TokenFault::Mismatch)
        }
    }
}

/// The part behind the dot of an opaque token, which finds its row; `None` if the text has not
/// exactly one dot or nothing behind it. It proves nothing: [`SystemSecrets::check`] does.
#[must_use]
pub fn signature_part(presented: &str) -> Option<&str> {
    halves(presented).map(|(_, signature)| signature)
}

/// Finds an access token: lower-case hexadecimal SHA-384 of the last part of an opaque token or of
/// a JWT; `None` if the text is neither.
#[must_use]
pub fn access_signature(presented: &str) -> Option<AccessSignature> {
    let last = match presented.splitn(4, '.').collect::<Vec<_>>().as_slice() {
        [_, _, signature] if !signature.is_empty() => *signature,
        _ => signature_part(presented)?,
    };
    Some(AccessSignature::new(sha384_hex(last)))
}

/// Both halves of a token that could be whole.
fn parts(text: &str) -> Option<(&str, &str)> {
    halves(text).filter(|(random, _)| !random.is_empty())
}

fn halves(text: &str) -> Option<(&str, &str)> {
    let (random, signature) = text.split_once('.')?;
    let good = text.len() <= MAX_LENGTH && !signature.is_empty() && !signature.contains('.');
    good.then_some((random, signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Repeating, SECRET, TOKEN, system_secrets};

    #[test]
    fn a_token_is_made_as_hydra_makes_it() {
        let secrets = system_secrets(&[SECRET, "an-older-secret-of-24-by"]);
        let minted = secrets
            .mint(TokenKind::AccessToken, &Repeating::counting())
            .unwrap();
        assert_eq!(minted.token.expose(), TOKEN);
        assert_eq!(
            minted.signature,
            "FS0V5THotmLBiYbwmoa6IRbgLFPWN8sUH-BIxeuc0aM"
        );
        assert_eq!(
            access_signature(TOKEN).unwrap().as_str(),
            "16c23bfed84c62720c4369070be426b93b10cafaad331f686443eae31f3a7bc9e27ee6b5957f83e1df34ffa5be7028a0"
        );
    }

    #[test]
    fn nothing_is_made_without_a_secret() {
        let minted = system_secrets(&[]).mint(TokenKind::AccessToken, &Repeating::counting());
        assert_eq!(minted.err(), Some(NoSecret));
    }

    fn check(presented: &str, outcome: Result<(), TokenFault>) {
        let secrets = system_secrets(&["the-newest-secret-of-all", SECRET]);
        assert_eq!(
            secrets.check(TokenKind::AccessToken, presented),
            outcome,
            "{presented:?}"
        );
    }

    #[test]
    fn tokens_are_good_under_every_secret_with_and_without_their_prefix() {
        check(TOKEN, Ok(()));
        check(&TOKEN[7..], Ok(()));
    }

    #[test]
    fn everything_else_is_refused() {
        let (random, signature) = TOKEN[7..].split_once('.').unwrap();
        let other = to_url(&[7; 32]);
        check(
            &format!("ory_at_{random}.{other}"),
            Err(TokenFault::Mismatch),
        );
        check(
            &format!("ory_at_{other}.{signature}"),
            Err(TokenFault::Mismatch),
        );
        check(&format!("ory_at_{random}.AAAA"), Err(TokenFault::Mismatch));
        check(
            &format!("ory_rt_{random}.{signature}"),
            Err(TokenFault::Mismatch),
        );
        check(
            &format!("ory_at_{random}!.{signature}"),
            Err(TokenFault::NotBase64),
        );
        check(
            &format!("ory_at_{random}.{signature}="),
            Err(TokenFault::NotBase64),
        );
        for malformed in ["", ".", "a", "a.", ".a", "a.b.c", "ory_at_.AAAA", "ory_at_"] {
            check(malformed, Err(TokenFault::Malformed));
        }
        check(
            &format!("{}.AAAA", "A".repeat(2000)),
            Err(TokenFault::Malformed),
        );
    }

    #[test]
    fn without_secrets_no_token_is_good() {
        let checked = system_secrets(&[]).check(TokenKind::AccessToken, TOKEN);
        assert_eq!(checked, Err(TokenFault::Mismatch));
    }

    #[test]
    fn signatures_are_the_last_parts() {
        for (presented, part, access) in [
            ("a.b", Some("b"), Some("b")),
            ("h.p.s", None, Some("s")),
            ("h.p.", None, None),
            ("a.b.c.d", None, None),
            ("a", None, None),
            (".b", Some("b"), Some("b")),
            ("a.", None, None),
            ("", None, None),
        ] {
            assert_eq!(signature_part(presented), part, "{presented:?}");
            let expected = access.map(|last| AccessSignature::new(sha384_hex(last)));
            assert_eq!(access_signature(presented), expected, "{presented:?}");
        }
    }

    #[test]
    fn minted_tokens_are_not_printed() {
        let minted =
            system_secrets(&[SECRET]).mint(TokenKind::RefreshToken, &Repeating::counting());
        assert!(!format!("{minted:?}").contains("ory_rt_"));
    }
}
