use crate::Client;

/// Longer origins are nobody's: host names end at 253 characters.
const LONGEST: usize = 1024;

/// Whether a pattern admits an origin (RFC 6454 §6.2), in any letter case. A `*` stands for any
/// characters of one label, also for none: `https://*.example.com` admits `https://a.example.com` but
/// not `https://a.b.example.com`. The port is part of the last label.
#[must_use]
pub fn origin_matches(pattern: &str, origin: &str) -> bool {
    if origin.len() > LONGEST {
        return false;
    }
    let (pattern, origin) = (pattern.to_lowercase(), origin.to_lowercase());
    let (mut wanted, mut given) = (pattern.split('.'), origin.split('.'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if label_matches(wanted, given) => {}
            _ => return false,
        }
    }
}

/// Takes the first place for the text before each star; the last text has to stand at the end.
fn label_matches(pattern: &str, label: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == label;
    };
    let Some(mut label) = label.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match label.find(part) {
            Some(at) => label = &label[at + part.len()..],
            None => return false,
        }
    }
    label.ends_with(last)
}

impl Client {
    /// Whether the client's pages may call the server from an origin.
    #[must_use]
    pub fn admits_origin(&self, origin: &str) -> bool {
        self.allowed_cors_origins
            .iter()
            .any(|pattern| origin_matches(pattern, origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_label() {
        for (pattern, origin, matches) in [
            ("https://a.example", "https://a.example", true),
            ("https://a.example", "https://A.Example", true),
            ("HTTPS://A.example", "https://a.example", true),
            ("https://a.example", "http://a.example", false),
            ("https://a.example", "https://a.example:8443", false),
            ("https://a.example", "https://a.example/", false),
            ("https://a.example", "https://a.example.evil", false),
            ("https://*.example", "https://a.example", true),
            ("https://*.example", "https://.example", true),
            ("https://*.example", "https://a.b.example", false),
            ("https://*.example", "https://example", false),
            ("https://*.example", "https://a.example:8443", false),
            ("http://*:3000", "http://localhost:3000", true),
            ("http://*:3000", "http://localhost:3001", false),
            ("http://pre*fix.test", "http://prefix.test", true),
            ("http://pre*fix.test", "http://pre-and-fix.test", true),
            ("http://pre*fix.test", "http://pre.fix.test", false),
            ("https://*.*.test", "https://a.b.test", true),
            ("https://a*b*c.test", "https://axbxc.test", true),
            ("https://a*b*c.test", "https://axcxb.test", false),
            ("https://ab*ba.test", "https://aba.test", false),
            ("*", "https://localhost", true),
            ("*", "https://a.example", false),
            ("", "", true),
            ("", "null", false),
        ] {
            assert_eq!(
                origin_matches(pattern, origin),
                matches,
                "{pattern} {origin}"
            );
        }
        let long = format!("https://{}.example", "a".repeat(LONGEST));
        assert!(!origin_matches("https://*.example", &long));
    }
}
