/// An ordered list of scopes, each once (RFC 6749 §3.3).
///
/// Hydra: a scope may hold any character but the blank that separates it; the RFC's narrower
/// alphabet is not enforced.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Splits on single blanks, drops empty items, cuts white space around each and keeps the first
    /// of several equal ones.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        text.split(' ')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Joined by single blanks, as it travels.
    #[must_use]
    pub fn join(&self) -> String {
        self.0.join(" ")
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a scope is in the list, in any letter case: the test for `openid`, `offline` and
    /// `offline_access`, whose spelling Hydra does not insist on.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        self.0.iter().any(|s| s.eq_ignore_ascii_case(scope))
    }

    /// Whether `offline` or `offline_access` is in the list, which asks for a refresh token.
    #[must_use]
    pub fn has_offline(&self) -> bool {
        self.has("offline") || self.has("offline_access")
    }

    /// The list as owned texts.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }

    /// Whether no scope is in the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(items: I) -> Self {
        let mut list: Vec<String> = Vec::new();
        for item in items {
            let item = item.into();
            if !list.contains(&item) {
                list.push(item);
            }
        }
        Self(list)
    }
}

#[cfg(test)]
mod tests {
    use super::Scopes;

    #[test]
    fn lists_are_split_on_blanks_only() {
        for (text, scopes) in [
            ("", vec![]),
            ("a b", vec!["a", "b"]),
            (" a  b ", vec!["a", "b"]),
            ("a a b", vec!["a", "b"]),
            ("\ta\n b\tc", vec!["a", "b\tc"]),
        ] {
            assert_eq!(
                Scopes::parse(text).iter().collect::<Vec<_>>(),
                scopes,
                "{text:?}"
            );
        }
    }
}
