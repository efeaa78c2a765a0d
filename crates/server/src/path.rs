//! Paths as the router compares them.
//!
//! A path is split at its raw slashes and each segment is decoded by itself, so that a parameter may
//! contain an encoded slash (the key set of an issuer is named after its URL).
//! Hydra: it decodes first and splits then, so such sets cannot be reached there.

use std::borrow::Cow;
use std::fmt::Write;

/// A path in the router's spelling: every segment decoded, except that `%` stands as `%25` and `/`
/// as `%2F`. An empty segment that is not the last one is spelt `%`, which nothing else can be, so
/// that a parameter in the middle of a route may be empty.
///
/// `None` if a percent escape is broken.
pub(crate) fn key(raw: &str) -> Option<Cow<'_, str>> {
    let raw = if raw.is_empty() { "/" } else { raw };
    if !raw.contains('%') && !raw.contains("//") {
        return Some(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut segments = raw.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        out.push('/');
        if segment.is_empty() && segments.peek().is_some() {
            out.push('%');
        }
        for c in percent_decode(segment)?.chars() {
            match c {
                '%' => out.push_str("%25"),
                '/' => out.push_str("%2F"),
                other => out.push(other),
            }
        }
    }
    Some(Cow::Owned(out))
}

/// The text that a segment of a [`key`] stands for.
pub(crate) fn segment_text(segment: &str) -> Cow<'_, str> {
    match segment {
        "%" => Cow::Borrowed(""),
        plain if !plain.contains('%') => Cow::Borrowed(plain),
        escaped => Cow::Owned(escaped.replace("%2F", "/").replace("%25", "%")),
    }
}

/// The segments of a cleaned [`key`]: no empty ones, no `.`, no `..`, no slash at the end.
pub(crate) fn clean(key: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for segment in key.split('/') {
        match segment {
            "" | "%" | "." => {}
            ".." => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Writes a decoded segment as part of a URL's path.
pub(crate) fn encode_segment(text: &str, out: &mut String) {
    for byte in text.bytes() {
        push_byte(out, byte, |b| {
            b.is_ascii_alphanumeric() || b"-_.~$&+,:;=@".contains(&b)
        });
    }
}

/// A raw path or query as it may stand in a header: what must not stand there is escaped, escapes
/// that are there stay.
pub(crate) fn encode_raw(raw: &str, out: &mut String) {
    for byte in raw.bytes() {
        push_byte(out, byte, |b| {
            b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)
        });
    }
}

fn push_byte(out: &mut String, byte: u8, plain: impl Fn(u8) -> bool) {
    if plain(byte) {
        out.push(char::from(byte));
    } else {
        // Writing to a string cannot fail.
        let _ = write!(out, "%{byte:02X}");
    }
}

fn percent_decode(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    let mut escapes = segment.split('%').skip(1);
    if !escapes.all(|rest| rest.len() > 1 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit())) {
        return None;
    }
    Some(percent_encoding::percent_decode_str(segment).decode_utf8_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_before_it_is_decoded() {
        for (raw, expected) in [
            ("/a/b", Some("/a/b")),
            ("", Some("/")),
            ("/a%2fb/c", Some("/a%2Fb/c")),
            ("/%61/%C3%A4", Some("/a/ä")),
            ("/50%25", Some("/50%25")),
            ("/a//b", Some("/a/%/b")),
            ("/a/", Some("/a/")),
            ("/a//", Some("/a/%/")),
            ("/%zz", None),
            ("/%", None),
            ("/%4", None),
            ("/%g1", None),
        ] {
            assert_eq!(key(raw).as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn segments_come_back_as_they_were() {
        for (raw, text) in [
            ("a%2Fb", "a/b"),
            ("50%2525", "50%25"),
            ("%252F", "%2F"),
            ("x", "x"),
        ] {
            let path = format!("/{raw}");
            let key = key(&path).unwrap();
            assert_eq!(segment_text(&key[1..]), text, "{raw}");
        }
        assert_eq!(segment_text("%"), "");
    }

    #[test]
    fn cleaning_resolves_dots_and_slashes() {
        for (path, cleaned) in [
            ("/a//b/", "a b"),
            ("/a/./b/../c", "a c"),
            ("/../a", "a"),
            ("/", ""),
        ] {
            assert_eq!(clean(&key(path).unwrap()).join(" "), cleaned, "{path}");
        }
    }

    #[test]
    fn urls_are_written_with_escapes() {
        let mut out = String::new();
        encode_segment("a b/ä+;", &mut out);
        encode_raw("/%2F<é>", &mut out);
        assert_eq!(out, "a%20b%2F%C3%A4+;/%2F%3C%C3%A9%3E");
    }
}
