//! The people who can log in. In earnest this is your user table, with hashed passwords and a
//! limit on the number of tries.

use serde_json::{Map, Value, json};

use crate::jose;

/// One person.
pub(crate) struct Account {
    /// What becomes `sub`: never changes and is never given to anybody else, unlike the address.
    pub(crate) subject: &'static str,
    pub(crate) email: &'static str,
    pub(crate) name: &'static str,
    given_name: &'static str,
    family_name: &'static str,
}

/// The password of all of them, shown on the login page.
pub(crate) const PASSWORD: &str = "demo";

/// All of them.
pub(crate) const ACCOUNTS: [Account; 3] = [
    Account {
        subject: "user-1815",
        email: "ada@example.org",
        name: "Ada Lovelace",
        given_name: "Ada",
        family_name: "Lovelace",
    },
    Account {
        subject: "user-1906",
        email: "grace@example.org",
        name: "Grace Hopper",
        given_name: "Grace",
        family_name: "Hopper",
    },
    Account {
        subject: "user-1912",
        email: "alan@example.org",
        name: "Alan Turing",
        given_name: "Alan",
        family_name: "Turing",
    },
];

impl Account {
    /// Finds the person that address and password belong to. An unknown address costs as much as
    /// a wrong password and is told apart nowhere.
    pub(crate) fn log_in(email: &str, password: &str) -> Option<&'static Self> {
        let right_password = jose::equal(password, PASSWORD);
        let email = email.trim();
        let account = ACCOUNTS
            .iter()
            .find(|a| a.email.eq_ignore_ascii_case(email));
        account.filter(|_| right_password)
    }

    pub(crate) fn by_subject(subject: &str) -> Option<&'static Self> {
        ACCOUNTS.iter().find(|a| a.subject == subject)
    }

    /// What these scopes let a client know (OpenID Connect Core §5.4).
    pub(crate) fn claims(&self, scopes: &[String]) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut tell = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        if scopes.iter().any(|s| s == "profile") {
            tell("name", json!(self.name));
            tell("given_name", json!(self.given_name));
            tell("family_name", json!(self.family_name));
        }
        if scopes.iter().any(|s| s == "email") {
            tell("email", json!(self.email));
            tell("email_verified", json!(true));
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logging_in_needs_a_known_address_and_the_password() {
        for (email, password, subject) in [
            ("ada@example.org", "demo", Some("user-1815")),
            (" ADA@example.org ", "demo", Some("user-1815")),
            ("ada@example.org", "Demo", None),
            ("ada@example.org", "", None),
            ("eve@example.org", "demo", None),
            ("", "demo", None),
        ] {
            let account = Account::log_in(email, password);
            assert_eq!(account.map(|a| a.subject), subject, "{email} {password}");
        }
    }

    #[test]
    fn claims_are_told_only_for_their_scopes() {
        for (scopes, names) in [
            (vec!["openid"], vec![]),
            (vec!["email"], vec!["email", "email_verified"]),
            (vec!["profile"], vec!["family_name", "given_name", "name"]),
        ] {
            let scopes: Vec<String> = scopes.into_iter().map(str::to_owned).collect();
            let claims = ACCOUNTS[0].claims(&scopes);
            let mut found: Vec<&String> = claims.keys().collect();
            found.sort();
            assert_eq!(found, names, "{scopes:?}");
        }
    }
}
