use std::fmt;

/// A text that must not be seen: client secrets, tokens, codes, system secrets.
///
/// It prints as `[redacted]`, has no `Serialize` and no `PartialEq`; compare with
/// `crypto::constant_time_eq`.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reveals the text, to be hashed, compared or handed to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A client secret as it is stored: a self-describing hash such as
/// `$pbkdf2-sha256$i=25000,l=32$…`. Prints its scheme only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SecretHash(String);

impl SecretHash {
    /// Wraps a stored hash.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SecretHash(${}$…)",
            self.0.split('$').nth(1).unwrap_or_default()
        )
    }
}
