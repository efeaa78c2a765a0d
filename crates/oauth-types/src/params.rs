use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const KEPT_OUT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The decoded parameters of a query or a form, in their order (`application/x-www-form-urlencoded`,
/// RFC 6749 appendix B).
///
/// Hydra: a pair with a broken percent escape or a `;` counts as absent; it does not fail the
/// request. Bytes that are not UTF-8 are replaced by U+FFFD.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a raw query or form and passes over broken pairs.
    #[must_use]
    pub fn parse(raw: &str) -> Self {
        Self(pairs(raw).flatten().collect())
    }

    /// Reads a raw query or form; `None` if any pair is broken.
    #[must_use]
    pub fn parse_strictly(raw: &str) -> Option<Self> {
        pairs(raw).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The first value of a name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The first value of a name, or nothing at all.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.first(name).unwrap_or_default()
    }

    /// All values of a name, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All pairs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives a name this one value, in the place of all it had.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds a value to a name.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Takes a name away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| n != name);
    }

    /// Adds all pairs of another list behind these.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The encoded form with names in alphabetical order, values of a name in theirs.
    #[must_use]
    pub fn encode_sorted(&self) -> String {
        let mut sorted: Vec<&(String, String)> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut out = String::new();
        for (name, value) in sorted {
            if !out.is_empty() {
                out.push('&');
            }
            encode_into(&mut out, name);
            out.push('=');
            encode_into(&mut out, value);
        }
        out
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(n, v)| (n.into(), v.into()))
                .collect(),
        )
    }
}

/// Decodes one text of a form: `+` is a blank, `%XX` a byte; `None` if an escape is broken.
#[must_use]
pub fn form_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (hex(rest.next()?)? << 4) | hex(rest.next()?)?,
            other => other,
        });
    }
    Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(broken) => String::from_utf8_lossy(broken.as_bytes()).into_owned(),
    })
}

fn pairs(raw: &str) -> impl Iterator<Item = Option<(String, String)>> {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        if pair.contains(';') {
            return None;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((form_decode(name)?, form_decode(value)?))
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

fn encode_into(out: &mut String, text: &str) {
    for (i, part) in text.split(' ').enumerate() {
        if i > 0 {
            out.push('+');
        }
        out.extend(utf8_percent_encode(part, KEPT_OUT));
    }
}

/// The body of a request as the protocol endpoints see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormBody {
    /// A url-encoded form.
    Urlencoded(Params),
    /// A multipart form; its values come behind those of the query where both count.
    Multipart(Params),
    /// A multipart form that cannot be read, or a form that is too large.
    Broken,
    /// Nothing, or something that is no form.
    None,
}

impl FormBody {
    /// The parameters of the form, if it is one.
    #[must_use]
    pub fn params(&self) -> Option<&Params> {
        match self {
            Self::Urlencoded(params) | Self::Multipart(params) => Some(params),
            Self::Broken | Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_pairs_are_passed_over() {
        for (raw, pairs) in [
            ("a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("a=%zz&b=2", vec![("b", "2")]),
            ("a=1;b=2&c=3", vec![("c", "3")]),
            ("a&=x&&b=", vec![("a", ""), ("", "x"), ("b", "")]),
            ("a=x+y%20z", vec![("a", "x y z")]),
            ("a=%ff", vec![("a", "\u{fffd}")]),
            ("a=1=2", vec![("a", "1=2")]),
            ("a=%4", vec![]),
        ] {
            assert_eq!(
                Params::parse(raw).iter().collect::<Vec<_>>(),
                pairs,
                "{raw}"
            );
        }
        assert_eq!(Params::parse_strictly("a=1&b=%zz"), None);
    }

    #[test]
    fn encoding_sorts_names_and_keeps_the_order_of_values() {
        let params = Params::parse("b=2&a=x%20y&b=1&c=%2A~%3A%2F%C3%A4");
        assert_eq!(params.encode_sorted(), "a=x+y&b=2&b=1&c=%2A~%3A%2F%C3%A4");
    }
}
