use http::{HeaderMap, header};
use provider::Cookies;

/// More cookies than browsers keep for one host.
const MAX_COOKIES: usize = 3_000;

/// Reads all `Cookie` headers (RFC 6265 §5.4). What is no cookie is passed over.
pub(super) fn read(headers: &HeaderMap) -> Cookies {
    let lines = headers.get_all(header::COOKIE).iter();
    let texts = lines.map(|line| String::from_utf8_lossy(line.as_bytes()));
    let mut found = Vec::new();
    for text in texts {
        let pairs = text
            .split(';')
            .filter_map(pair)
            .take(MAX_COOKIES - found.len());
        found.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    Cookies(found)
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.trim().split_once('=')?;
    let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    let value = quoted.unwrap_or(value);
    let good = |b: u8| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\';
    (!name.is_empty() && !name.contains([' ', '\t', '"']) && value.bytes().all(good))
        .then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn cookies_are_read_in_order() {
        for (lines, expected) in [
            (vec!["a=1; b=2"], vec![("a", "1"), ("b", "2")]),
            (
                vec!["a=1;a=2", "c=3"],
                vec![("a", "1"), ("a", "2"), ("c", "3")],
            ),
            (vec!["a=MTY3=="], vec![("a", "MTY3==")]),
            (vec!["a=\"x\"; ; b; =c; d="], vec![("a", "x"), ("d", "")]),
            (vec!["a=x\"y; b c=1"], vec![]),
        ] {
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
            }
            let found = read(&headers).0;
            let found: Vec<_> = found
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            assert_eq!(found, expected, "{lines:?}");
        }
    }
}
