use http::HeaderValue;

/// A media type (RFC 9110 §8.3.1) and its boundary, if it has one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MediaType {
    name: String,
    boundary: Option<String>,
    /// Whether all parameters could be read.
    whole: bool,
}

impl MediaType {
    /// Whether it is a url-encoded form.
    ///
    /// Hydra: its parameters are not looked at, not even broken ones.
    pub(super) fn is_urlencoded(&self) -> bool {
        self.name == "application/x-www-form-urlencoded"
    }

    /// Whether it is a multipart form; with a broken parameter it is none.
    pub(super) fn is_multipart(&self) -> bool {
        self.name == "multipart/form-data" && self.whole
    }

    /// The boundary of a multipart form.
    pub(super) fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }
}

/// Reads a `Content-Type`; `None` if it has no name.
pub(super) fn parse(value: &HeaderValue) -> Option<MediaType> {
    let text = String::from_utf8_lossy(value.as_bytes());
    let (name, mut rest) = match text.split_once(';') {
        Some((name, rest)) => (name, rest),
        None => (&*text, ""),
    };
    let name = name.trim().to_ascii_lowercase();
    if name.is_empty()
        || name
            .split('/')
            .any(|part| part.is_empty() || !is_token(part))
    {
        return None;
    }
    let mut media = MediaType {
        name,
        boundary: None,
        whole: true,
    };
    loop {
        rest = rest.trim_matches([' ', '\t', ';']);
        if rest.is_empty() {
            return Some(media);
        }
        let Some((key, value, behind)) = parameter(rest) else {
            media.whole = false;
            return Some(media);
        };
        if key == "boundary" {
            media.boundary = Some(value);
        }
        rest = behind;
    }
}

/// Reads one `name=value` or `name="value"`; gives back what stands behind it.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let (key, rest) = text.split_once('=')?;
    let key = key.trim();
    if !is_token(key) {
        return None;
    }
    let (value, behind) = match rest.trim_start().strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let end = rest.find(';').unwrap_or(rest.len());
            let (value, behind) = rest.split_at(end);
            let value = value.trim();
            (is_token(value).then(|| value.to_owned())?, behind)
        }
    };
    Some((key.to_ascii_lowercase(), value, behind))
}

/// Reads the rest of a quoted string (RFC 9110 §5.6.4).
pub(super) fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(place + 1..)?)),
            // Browsers of old send Windows paths unescaped; only these two are ever escaped.
            '\\' => match chars.clone().next() {
                Some((_, next @ ('"' | '\\'))) => {
                    value.push(next);
                    chars.next();
                }
                _ => value.push('\\'),
            },
            '\r' | '\n' => return None,
            other => value.push(other),
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_letter_case() {
        for (text, urlencoded, multipart, boundary) in [
            ("application/x-www-form-urlencoded", true, false, None),
            ("APPLICATION/X-WWW-FORM-URLENCODED", true, false, None),
            (
                "application/x-www-form-urlencoded; charset=UTF-8",
                true,
                false,
                None,
            ),
            ("application/x-www-form-urlencoded; =", true, false, None),
            ("multipart/form-data; boundary=b", false, true, Some("b")),
            (
                "multipart/form-data; Boundary=\"a b\\\"c\"; x=y",
                false,
                true,
                Some("a b\"c"),
            ),
            ("multipart/form-data", false, true, None),
            (
                "multipart/form-data; boundary=b; =",
                false,
                false,
                Some("b"),
            ),
            ("multipart/form-data; boundary=\"b", false, false, None),
            ("application/json", false, false, None),
        ] {
            let media = parse(&HeaderValue::from_static(text)).unwrap();
            assert_eq!(
                (
                    media.is_urlencoded(),
                    media.is_multipart(),
                    media.boundary()
                ),
                (urlencoded, multipart, boundary),
                "{text}"
            );
        }
    }

    #[test]
    fn what_has_no_name_is_nothing() {
        for text in ["", ";", "/", "a/", "a b/c", "application/x www"] {
            assert_eq!(parse(&HeaderValue::from_static(text)), None, "{text}");
        }
    }
}
