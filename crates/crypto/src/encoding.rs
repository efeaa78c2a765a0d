//! The base64 forms in use, each by its name.
//!
//! Hydra: bits left over in the last character are ignored when reading, as Go's decoders do, except
//! in stored secret hashes.

use base64::Engine;
use base64::alphabet::{BCRYPT, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
const UNPADDED: GeneralPurposeConfig = LENIENT
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone);

/// base64url without padding (RFC 7515 §2).
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, UNPADDED);
/// base64url with padding.
const URL_PADDED: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
/// Standard base64 with padding: certificates (RFC 7517 §4.7).
const STD: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
/// Standard base64 without padding, no stray bits: parts of secret hashes.
const STD_STRICT: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, UNPADDED.with_decode_allow_trailing_bits(false));
/// bcrypt's own alphabet.
const CRYPT: GeneralPurpose = GeneralPurpose::new(&BCRYPT, UNPADDED);

pub(crate) fn to_url(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

pub(crate) fn from_url(text: &str) -> Option<Vec<u8>> {
    URL.decode(text).ok()
}

pub(crate) fn to_url_padded(bytes: &[u8]) -> String {
    URL_PADDED.encode(bytes)
}

pub(crate) fn from_url_padded(text: &[u8]) -> Option<Vec<u8>> {
    URL_PADDED.decode(text).ok()
}

pub(crate) fn to_std(bytes: &[u8]) -> String {
    STD.encode(bytes)
}

pub(crate) fn from_std(text: &str) -> Option<Vec<u8>> {
    STD.decode(text).ok()
}

pub(crate) fn to_std_strict(bytes: &[u8]) -> String {
    STD_STRICT.encode(bytes)
}

pub(crate) fn from_std_strict(text: &str) -> Option<Vec<u8>> {
    STD_STRICT.decode(text).ok()
}

pub(crate) fn to_bcrypt(bytes: &[u8]) -> String {
    CRYPT.encode(bytes)
}

pub(crate) fn from_bcrypt(text: &str) -> Option<Vec<u8>> {
    CRYPT.decode(text).ok()
}

/// Lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |d: u8| char::from(DIGITS[usize::from(d)]);
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bits_count_only_in_secret_hashes() {
        assert_eq!(from_url("AB"), Some(vec![0]));
        assert_eq!(from_url_padded(b"AB=="), Some(vec![0]));
        assert_eq!(from_std_strict("AB"), None);
        assert_eq!(from_std_strict("AA"), Some(vec![0]));
    }

    #[test]
    fn padding_stands_where_it_belongs() {
        assert_eq!(from_url("AA=="), None);
        assert_eq!(from_url_padded(b"AA"), None);
        assert_eq!(from_std_strict("AA=="), None);
    }

    #[test]
    fn hexadecimal_is_lower_case() {
        assert_eq!(to_hex(&[0, 0x0f, 0xab]), "000fab");
    }
}
