//! Texts that others choose, made fit for every database.
//!
//! PostgreSQL refuses U+0000 in texts, and clients, login apps and browsers can send it. So these
//! texts are stored escaped: U+0000 becomes U+0001 `0`, and U+0001 becomes U+0001 `1`. Different
//! texts stay different, equal ones equal, and nearly all texts stay as they are; a look-up never
//! fails because of a character.

const ESCAPE: char = '\u{1}';

/// The form that is stored and compared.
pub(crate) fn to_stored(text: &str) -> String {
    if !text.contains(['\0', ESCAPE]) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => out.extend([ESCAPE, '0']),
            ESCAPE => out.extend([ESCAPE, '1']),
            other => out.push(other),
        }
    }
    out
}

/// The text that was stored.
pub(crate) fn from_stored(stored: String) -> String {
    if !stored.contains(ESCAPE) {
        return stored;
    }
    let mut out = String::with_capacity(stored.len());
    let mut chars = stored.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            ESCAPE if chars.next() == Some('0') => '\0',
            other => other,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_survives_and_none_holds_a_nul() {
        for (text, stored) in [
            ("", ""),
            ("plain ä", "plain ä"),
            ("a\0b", "a\u{1}0b"),
            ("\u{1}0", "\u{1}10"),
            ("\0\u{1}\0", "\u{1}0\u{1}1\u{1}0"),
        ] {
            assert_eq!(to_stored(text), stored);
            assert_eq!(from_stored(stored.to_owned()), text);
        }
    }
}
