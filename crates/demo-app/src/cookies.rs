use http::{HeaderMap, header};

/// The cookies of a request.
#[derive(Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let pairs = headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        Self(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
    }

    /// The first cookie of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A `Set-Cookie` value that lives as long as the browser's session. `Lax` and not `Strict`: the
/// browser comes back from Hydrus, which in earnest is another site.
///
/// In earnest add `Secure` and name the cookie `__Host-…`; the demo speaks plain HTTP to itself.
pub(crate) fn set(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax")
}

/// A `Set-Cookie` value that removes the cookie.
pub(crate) fn remove(name: &str) -> String {
    format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_in_all_headers() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; b=2=3;c=".parse().unwrap());
        headers.append(header::COOKIE, "d=4; a=5".parse().unwrap());
        let cookies = Cookies::of(&headers);
        for (name, value) in [
            ("a", Some("1")),
            ("b", Some("2=3")),
            ("c", Some("")),
            ("d", Some("4")),
            ("e", None),
        ] {
            assert_eq!(cookies.get(name), value, "{name}");
        }
    }
}
