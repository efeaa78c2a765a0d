use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_types::{Page, Params};
use serde_json::Value;

const DEFAULT_SIZE: u32 = 250;
const MAX_SIZE: u32 = 1000;

/// Which page of a list a query asks for (`page_size`, `page_token`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// Rows of a page, 1 to 1000.
    pub size: u32,
    /// Pages before it.
    pub number: u64,
}

impl PageQuery {
    /// Reads the query; whatever cannot be read means the default.
    #[must_use]
    pub fn parse(query: &Params) -> Self {
        let size = match query.text("page_size").parse::<i64>() {
            Ok(size) => u32::try_from(size.clamp(1, MAX_SIZE.into())).unwrap_or(DEFAULT_SIZE),
            Err(_) => DEFAULT_SIZE,
        };
        let offset = offset(query.text("page_token")).unwrap_or_default();
        Self {
            size,
            number: offset / u64::from(size),
        }
    }

    /// The page in the words of the stores.
    #[must_use]
    pub fn page(self) -> Page {
        Page {
            offset: self.number.saturating_mul(self.size.into()),
            size: self.size,
        }
    }

    /// The `Link` header (RFC 8288) that leads to the pages around this one: the request's path and
    /// query again, with the page's own two parameters set.
    #[must_use]
    pub fn link(self, path: &str, query: &Params, total: u64) -> String {
        let size = u64::from(self.size);
        let offset = self.page().offset;
        let last = match total % size {
            0 => total.saturating_sub(size),
            rest => total - rest,
        };
        // Hydra: an empty collection has pages before and after the first, so that a client that
        // follows `next` never ends; here it has the first only.
        let links: Vec<(&str, u64, u64)> = if total == 0 {
            vec![("first", size, 0)]
        } else if offset >= last && total <= size {
            vec![("first", total, 0)]
        } else if offset >= last {
            vec![("first", size, 0), ("prev", size, last - size)]
        } else if offset < size {
            vec![("next", size, size), ("last", size, last)]
        } else {
            vec![
                ("first", size, 0),
                ("next", size, offset.saturating_add(size)),
                ("prev", size, offset.saturating_sub(size)),
                ("last", size, last),
            ]
        };
        let links = links.iter().map(|(rel, size, offset)| {
            let mut query = query.clone();
            query.set("page_size", size.to_string());
            query.set("page_token", token(*offset));
            format!("<{path}?{}>; rel=\"{rel}\"", query.encode_sorted())
        });
        links.collect::<Vec<_>>().join(",")
    }
}

fn token(offset: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{{\"offset\":\"{offset}\",\"v\":2}}"))
}

/// Hydra: a number or its text, a fraction is cut off, what is too large is as large as can be.
fn offset(token: &str) -> Option<u64> {
    let json = URL_SAFE_NO_PAD.decode(token).ok()?;
    let offset = serde_json::from_slice::<Value>(&json).ok()?;
    let text = match offset.get("offset")? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let whole = unsigned.split('.').next().unwrap_or_default();
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if negative {
        return Some(0);
    }
    let largest = i64::MAX.unsigned_abs();
    Some(whole.parse::<u64>().unwrap_or(largest).min(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i64) -> String {
        URL_SAFE_NO_PAD.encode(format!("{{\"offset\":\"{offset}\",\"v\":2}}"))
    }

    #[track_caller]
    fn check(query: &str, size: u32, number: u64) {
        let got = PageQuery::parse(&Params::parse(query));
        assert_eq!(got, PageQuery { size, number }, "{query}");
    }

    #[test]
    fn page_sizes_are_read_leniently() {
        for (value, size) in [
            ("", 250),
            ("0", 1),
            ("-1", 1),
            ("-9223372036854775808", 1),
            ("1", 1),
            ("2.5", 250),
            ("2e0", 250),
            ("+2", 250),
            ("%2B2", 2),
            ("0x2", 250),
            ("02", 2),
            ("1_000", 250),
            ("1000", 1000),
            ("1001", 1000),
            ("9223372036854775808", 250),
            ("1&page_size=3", 1),
        ] {
            check(&format!("page_size={value}"), size, 0);
        }
        check("Page_Size=3&limit=4", 250, 0);
    }

    #[test]
    fn page_tokens_that_cannot_be_read_mean_the_beginning() {
        let token = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for (token, number) in [
            (String::new(), 0),
            ("1".to_owned(), 0),
            ("%25%25".to_owned(), 0),
            (token("hello"), 0),
            (token("[2]"), 0),
            (token(r#"{"v":2}"#), 0),
            (token(r#"{"offset":"two"}"#), 0),
            (token(r#"{"offset":2}"#), 1),
            (token(r#"{"offset":"4"}"#), 2),
            (token(r#"{"offset":"2","v":1}"#), 1),
            (token(r#"{"offset":2.9}"#), 1),
            (
                token(r#"{"offset":"99999999999999999999"}"#),
                i64::MAX.unsigned_abs() / 2,
            ),
            (at(-2), 0),
            (at(3), 1),
            (format!("{}=", at(20)), 0),
        ] {
            check(&format!("page_size=2&page_token={token}"), 2, number);
        }
    }

    #[track_caller]
    fn links(size: u32, offset: u64, total: u64, expected: &[(&str, u64, u64)]) {
        let page = PageQuery {
            size,
            number: offset / u64::from(size),
        };
        let expected: Vec<String> = expected
            .iter()
            .map(|(rel, size, at)| {
                format!(
                    "</l?page_size={size}&page_token={}>; rel=\"{rel}\"",
                    token(*at)
                )
            })
            .collect();
        let got = page.link("/l", &Params::default(), total);
        assert_eq!(got, expected.join(","), "{size} {offset} {total}");
    }

    #[test]
    fn links_lead_to_the_pages_around() {
        links(1, 0, 7, &[("next", 1, 1), ("last", 1, 6)]);
        links(
            1,
            1,
            7,
            &[
                ("first", 1, 0),
                ("next", 1, 2),
                ("prev", 1, 0),
                ("last", 1, 6),
            ],
        );
        links(1, 6, 7, &[("first", 1, 0), ("prev", 1, 5)]);
        links(
            2,
            4,
            7,
            &[
                ("first", 2, 0),
                ("next", 2, 6),
                ("prev", 2, 2),
                ("last", 2, 6),
            ],
        );
        links(2, 6, 7, &[("first", 2, 0), ("prev", 2, 4)]);
        links(3, 3, 6, &[("first", 3, 0), ("prev", 3, 0)]);
        links(6, 12, 7, &[("first", 6, 0), ("prev", 6, 0)]);
        links(7, 0, 7, &[("first", 7, 0)]);
        links(250, 500, 7, &[("first", 7, 0)]);
        links(250, 0, 600, &[("next", 250, 250), ("last", 250, 500)]);
    }

    #[test]
    fn an_empty_collection_has_one_page() {
        links(250, 0, 0, &[("first", 250, 0)]);
        links(10, 30, 0, &[("first", 10, 0)]);
    }

    #[test]
    fn links_repeat_the_query_sorted_and_written_anew() {
        for (query, link) in [
            (
                "owner=a%20b",
                "</admin/clients?owner=a+b&page_size=250&page_token=eyJvZmZzZXQiOiIyNTAiLCJ2IjoyfQ>; rel=\"next\",\
                 </admin/clients?owner=a+b&page_size=250&page_token=eyJvZmZzZXQiOiI1MDAiLCJ2IjoyfQ>; rel=\"last\"",
            ),
            (
                "flag&x=1&x=0&bad=%zz&page_size=500&page_size=1&page_token=x",
                "</admin/clients?flag=&page_size=500&page_token=eyJvZmZzZXQiOiI1MDAiLCJ2IjoyfQ&x=1&x=0>; rel=\"next\",\
                 </admin/clients?flag=&page_size=500&page_token=eyJvZmZzZXQiOiI1MDAiLCJ2IjoyfQ&x=1&x=0>; rel=\"last\"",
            ),
        ] {
            let query = Params::parse(query);
            let page = PageQuery::parse(&query);
            assert_eq!(page.link("/admin/clients", &query, 600), link);
        }
        assert_eq!(
            PageQuery {
                size: 250,
                number: 0
            }
            .link("/admin/clients", &Params::default(), 3),
            "</admin/clients?page_size=3&page_token=eyJvZmZzZXQiOiIwIiwidiI6Mn0>; rel=\"first\""
        );
    }
}
