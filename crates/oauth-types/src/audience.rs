/// An ordered list of audiences, each once: resource servers that an access token is meant for
/// (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Audiences(Vec<String>);

impl Audiences {
    /// Reads the `audience` parameter: given once, its value is split on blanks; given more than
    /// once, each occurrence is one audience. White space around each is cut, empty ones are
    /// dropped.
    #[must_use]
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let values: Vec<&str> = values.into_iter().collect();
        let items: Vec<&str> = match values.as_slice() {
            [one] => one.split(' ').collect(),
            many => many.to_vec(),
        };
        items
            .into_iter()
            .map(str::trim)
            .filter(|a| !a.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The audiences in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The list as owned texts.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        self.0.clone()
    }

    /// Whether no audience is in the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<S: Into<String>> FromIterator<S> for Audiences {
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
    use super::Audiences;

    #[test]
    fn one_value_is_split_and_several_are_not() {
        for (values, audiences) in [
            (vec!["a b"], vec!["a", "b"]),
            (vec!["a b", "c"], vec!["a b", "c"]),
            (vec!["a", "", "a"], vec!["a"]),
            (vec![], vec![]),
        ] {
            assert_eq!(
                Audiences::parse(values).iter().collect::<Vec<_>>(),
                audiences
            );
        }
    }
}
