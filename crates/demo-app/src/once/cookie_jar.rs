use http::{HeaderMap, header};
use url::Url;

/// The cookies of the tiny browser. As in every browser they go by host and path and not by
/// port. `Secure` is not looked at: browsers take this machine for safe, as we do.
#[derive(Default)]
pub(super) struct CookieJar(Vec<Cookie>);

struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

impl CookieJar {
    /// Takes in the `Set-Cookie` headers of an answer (RFC 6265 §5.3, without `Domain`).
    pub(super) fn take(&mut self, url: &Url, headers: &HeaderMap) {
        let values = headers.get_all(header::SET_COOKIE).into_iter();
        for value in values.filter_map(|v| v.to_str().ok()) {
            self.take_one(url, value);
        }
    }

    fn take_one(&mut self, url: &Url, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let attribute = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| *value)
        };
        let cookie = Cookie {
            host: host_of(url),
            path: match attribute("path") {
                Some(path) if path.starts_with('/') => path.to_owned(),
                _ => default_path(url),
            },
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let same =
            |c: &Cookie| c.host == cookie.host && c.path == cookie.path && c.name == cookie.name;
        self.0.retain(|c| !same(c));
        let age = attribute("max-age").and_then(|age| age.parse::<i64>().ok());
        if age.is_none_or(|seconds| seconds > 0) {
            self.0.push(cookie);
        }
    }

    /// The `Cookie` header for an address; `None` if no cookie fits.
    pub(super) fn header_for(&self, url: &Url) -> Option<String> {
        let (host, path) = (host_of(url), url.path());
        let mut fitting: Vec<&Cookie> = self.0.iter().collect();
        fitting.retain(|c| c.host == host && path_fits(&c.path, path));
        // Longer paths first (RFC 6265 §5.4); the sort is stable.
        fitting.sort_by_key(|c| std::cmp::Reverse(c.path.len()));
        let pairs = fitting.iter().map(|c| format!("{}={}", c.name, c.value));
        let header = pairs.collect::<Vec<_>>().join("; ");
        (!header.is_empty()).then_some(header)
    }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn default_path(url: &Url) -> String {
    match url.path().rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder.to_owned(),
        _ => "/".to_owned(),
    }
}

fn path_fits(cookie: &str, request: &str) -> bool {
    match request.strip_prefix(cookie) {
        Some(rest) => rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &[(&str, &str)], url: &str, sent: Option<&str>) {
        let mut jar = CookieJar::default();
        for (from, set_cookie) in set {
            let mut headers = HeaderMap::new();
            headers.append(header::SET_COOKIE, set_cookie.parse().unwrap());
            jar.take(&from.parse().unwrap(), &headers);
        }
        let header = jar.header_for(&url.parse().unwrap());
        assert_eq!(header.as_deref(), sent, "{set:?}");
    }

    #[test]
    fn cookies_go_back_where_they_belong() {
        let a = "http://127.0.0.1:1/x/y";
        check(
            &[(a, "n=1; Path=/; HttpOnly")],
            "http://127.0.0.1:2/",
            Some("n=1"),
        );
        check(&[(a, "n=1; path=/")], "http://localhost:1/", None);
        check(&[(a, "n=1")], "http://127.0.0.1:1/", None);
        check(&[(a, "n=1")], "http://127.0.0.1:1/x/z", Some("n=1"));
        check(&[(a, "n=1; Path=/x")], "http://127.0.0.1:1/xy", None);
        check(&[(a, "n=1; Path=/"), (a, "n=2; Path=/")], a, Some("n=2"));
        check(
            &[(a, "n=1; Path=/"), (a, "m=2; Path=/x")],
            a,
            Some("m=2; n=1"),
        );
        check(&[(a, "n=1; Path=/"), (a, "n=; Path=/; Max-Age=0")], a, None);
        check(&[(a, "n=1; Path=/; Max-Age=3600; Secure")], a, Some("n=1"));
        check(&[(a, "nonsense")], a, None);
    }
}
