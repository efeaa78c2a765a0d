use oauth_types::Reach;

/// What an operator lets clients register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPolicy {
    /// The scopes of clients that register none; empty: `offline_access offline openid`.
    pub default_scope: Vec<String>,
    /// The subject types that are supported, in the operator's order.
    pub subject_types: Vec<String>,
    /// Which machines may be called because a client names them.
    pub reach: Reach,
}

impl ClientPolicy {
    /// The `scope` of a client that registers none.
    #[must_use]
    pub fn default_scope(&self) -> String {
        if self.default_scope.is_empty() {
            "offline_access offline openid".to_owned()
        } else {
            self.default_scope.join(" ")
        }
    }

    /// The `subject_type` of a client that registers none: `public` if that is supported, else the
    /// first that is.
    #[must_use]
    pub fn default_subject_type(&self) -> Option<&str> {
        let types = &self.subject_types;
        types
            .iter()
            .find(|t| *t == "public")
            .or_else(|| types.first())
            .map(String::as_str)
    }
}
