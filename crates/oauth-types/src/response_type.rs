/// The words of `response_type`, in the order of the request; repeated words stay.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ResponseTypes(Vec<String>);

impl ResponseTypes {
    /// Splits on blanks and drops empty words.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(
            text.split(' ')
                .map(str::trim)
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// The words as they were written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether exactly this one word was asked for, letter case included.
    #[must_use]
    pub fn is_exactly(&self, word: &str) -> bool {
        matches!(self.0.as_slice(), [only] if only == word)
    }

    /// Whether the word is among them, in any letter case.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|w| w.eq_ignore_ascii_case(word))
    }

    /// Whether both name the same set; order and letter case do not count, the number of words
    /// does, so `code code` equals no registered type.
    #[must_use]
    pub fn same_set(&self, registered: &Self) -> bool {
        self.0.len() == registered.0.len()
            && self.0.iter().all(|w| registered.has(w))
            && registered.0.iter().all(|w| self.has(w))
    }
}

#[cfg(test)]
mod tests {
    use super::ResponseTypes;

    #[test]
    fn sets_match_in_any_order_and_case_but_not_in_another_size() {
        for (asked, registered, same) in [
            ("code", "code", true),
            ("CODE", "code", true),
            ("id_token code", "code id_token", true),
            ("code code", "code", false),
            ("code", "code id_token", false),
        ] {
            let (a, r) = (
                ResponseTypes::parse(asked),
                ResponseTypes::parse(registered),
            );
            assert_eq!(a.same_set(&r), same, "{asked} ~ {registered}");
        }
    }
}
