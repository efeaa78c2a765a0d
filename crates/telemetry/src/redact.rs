use crate::settings::LogSettings;

/// Headers whose values open doors.
const SENSITIVE: [&str; 4] = [
    "authorization",
    "cookie",
    "set-cookie",
    "proxy-authorization",
];

/// Makes requests and answers fit to be logged.
#[derive(Clone, Debug)]
pub struct Redaction {
    leak: bool,
    text: String,
}

impl Redaction {
    /// As `log.leak_sensitive_values` and `log.redaction_text` say.
    #[must_use]
    pub fn new(settings: &LogSettings) -> Self {
        Self {
            leak: settings.leak_sensitive_values,
            text: settings.redaction_text.clone(),
        }
    }

    /// The headers with names in lower case, each with its first value; sensitive ones with the
    /// redaction text, or with all of their values if these may leak.
    pub fn redacted_headers<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Vec<(String, String)> {
        let mut shown: Vec<(String, String)> = Vec::new();
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            let sensitive = SENSITIVE.contains(&name.as_str());
            let known = shown.iter_mut().find(|(known, _)| *known == name);
            let value = String::from_utf8_lossy(value);
            match known {
                Some((_, all)) if sensitive && self.leak => {
                    all.push_str("; ");
                    all.push_str(&value);
                }
                Some(_) => {}
                None if sensitive && !self.leak => shown.push((name, self.text.clone())),
                None => shown.push((name, value.into_owned())),
            }
        }
        shown
    }

    /// What to log of a query: nothing if there is none, else the redaction text.
    #[must_use]
    pub fn redact_query(&self, query: &str) -> Option<String> {
        let shown = if self.leak { query } else { &self.text };
        (!query.is_empty()).then(|| shown.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(leak: bool) -> String {
        let settings = LogSettings::default()
            .leak_sensitive_values(leak)
            .redaction_text("(gone)");
        let shown = Redaction::new(&settings).redacted_headers([
            ("Accept", b"a/b".as_slice()),
            ("accept", b"c/d"),
            ("AUTHORIZATION", b"Bearer x"),
            ("Set-Cookie", b"a=1"),
            ("Set-Cookie", b"b=2"),
            ("X-Odd", b"\xff"),
        ]);
        let shown: Vec<String> = shown
            .into_iter()
            .map(|(n, v)| format!("{n}: {v}"))
            .collect();
        shown.join(" | ")
    }

    #[test]
    fn sensitive_headers_are_replaced_unless_they_may_leak() {
        assert_eq!(
            headers(false),
            "accept: a/b | authorization: (gone) | set-cookie: (gone) | x-odd: \u{fffd}"
        );
        assert_eq!(
            headers(true),
            "accept: a/b | authorization: Bearer x | set-cookie: a=1; b=2 | x-odd: \u{fffd}"
        );
    }

    #[test]
    fn a_query_is_replaced_and_an_empty_one_left_out() {
        for (query, leak, shown) in [
            ("", false, None),
            ("", true, None),
            ("code=x", false, Some("[redacted]")),
            ("code=x", true, Some("code=x")),
        ] {
            let redaction = Redaction::new(&LogSettings::default().leak_sensitive_values(leak));
            assert_eq!(redaction.redact_query(query).as_deref(), shown);
        }
    }
}
