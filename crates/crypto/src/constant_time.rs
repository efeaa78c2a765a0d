use subtle::ConstantTimeEq;

/// Compares without telling by its duration where the first difference is. The length is no
/// secret.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    bool::from(a.ct_eq(b))
}

#[cfg(test)]
mod tests {
    use super::constant_time_eq;

    #[test]
    fn only_equal_texts_are_equal() {
        for (a, b, equal) in [
            ("", "", true),
            ("a", "a", true),
            ("a", "b", false),
            ("a", "", false),
            ("ab", "a", false),
        ] {
            assert_eq!(
                constant_time_eq(a.as_bytes(), b.as_bytes()),
                equal,
                "{a:?} {b:?}"
            );
        }
    }
}
