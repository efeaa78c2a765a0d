//! The pages. Whatever comes from outside is escaped by the templates.

use askama::Template;

use crate::accounts::Account;

/// The login form.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    pub(crate) csrf: &'a str,
    pub(crate) challenge: &'a str,
    pub(crate) client_name: &'a str,
    pub(crate) email: String,
    pub(crate) remember: bool,
    /// Address or password were wrong.
    pub(crate) wrong: bool,
    pub(crate) accounts: &'a [Account],
    pub(crate) password: &'a str,
}

/// A line of the consent form.
pub(crate) struct Scope<'a> {
    pub(crate) name: &'a str,
    pub(crate) explanation: &'static str,
}

/// The consent form.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage<'a> {
    pub(crate) csrf: &'a str,
    pub(crate) challenge: &'a str,
    pub(crate) client_name: &'a str,
    pub(crate) person: &'a str,
    pub(crate) scopes: Vec<Scope<'a>>,
    pub(crate) audience: &'a [String],
}

/// The question whether to log out.
#[derive(Template)]
#[template(path = "logout.html")]
pub(crate) struct LogoutPage<'a> {
    pub(crate) csrf: &'a str,
    pub(crate) challenge: &'a str,
    pub(crate) person: &'a str,
    pub(crate) client_name: Option<&'a str>,
}

/// The end of a logout.
#[derive(Template)]
#[template(path = "logged_out.html")]
pub(crate) struct LoggedOutPage {
    /// The relying party's session ended as well.
    pub(crate) here: bool,
}

/// An error that Hydrus shows through us.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub(crate) error: String,
    pub(crate) description: String,
    pub(crate) hint: String,
    pub(crate) debug: String,
}

/// An error of our own.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    pub(crate) detail: Option<&'a str>,
}

/// The start page of the relying party.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage<'a> {
    pub(crate) csrf: &'a str,
    /// Who is logged in.
    pub(crate) name: Option<String>,
    pub(crate) scope: &'a str,
}

/// What the last button did.
pub(crate) struct Outcome<'a> {
    pub(crate) title: &'a str,
    pub(crate) request: &'a str,
    pub(crate) status: u16,
    pub(crate) meaning: &'a str,
    pub(crate) body: &'a str,
    pub(crate) good: bool,
}

/// A claim of the ID token.
pub(crate) struct Claim {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) meaning: &'static str,
}

/// What the relying party got, and what it can do with it.
#[derive(Template)]
#[template(path = "tokens.html")]
pub(crate) struct TokensPage<'a> {
    pub(crate) csrf: &'a str,
    pub(crate) name: String,
    pub(crate) outcome: Option<Outcome<'a>>,
    pub(crate) revoked: bool,
    pub(crate) scope: &'a str,
    pub(crate) expires_at: String,
    pub(crate) access_token: String,
    pub(crate) previous_access_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: String,
    pub(crate) checks: &'a [(&'static str, String)],
    pub(crate) claims: Vec<Claim>,
    pub(crate) claims_json: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::{ACCOUNTS, PASSWORD},
        once::html,
    };

    const HOSTILE: &str = "\"><script>alert('x')</script>&amp;";

    fn check_escaped(page: &impl Template) -> String {
        let text = page.render().unwrap();
        assert!(!text.contains("<script"), "{text}");
        assert!(
            !text.contains("\"><script") && !text.contains("')<"),
            "{text}"
        );
        assert!(text.contains("<html lang=\"en\">") && text.contains("name=\"viewport\""));
        assert_eq!(text.matches("<h1").count(), 1, "one main heading: {text}");
        text
    }

    fn login_page(wrong: bool) -> LoginPage<'static> {
        LoginPage {
            csrf: HOSTILE,
            challenge: HOSTILE,
            client_name: HOSTILE,
            email: HOSTILE.into(),
            remember: true,
            wrong,
            accounts: &ACCOUNTS,
            password: PASSWORD,
        }
    }

    #[test]
    fn hostile_texts_are_shown_as_texts() {
        check_escaped(&login_page(true));
        check_escaped(&ConsentPage {
            csrf: HOSTILE,
            challenge: HOSTILE,
            client_name: HOSTILE,
            person: HOSTILE,
            scopes: vec![Scope {
                name: HOSTILE,
                explanation: "x",
            }],
            audience: &[HOSTILE.into()],
        });
        check_escaped(&LogoutPage {
            csrf: HOSTILE,
            challenge: HOSTILE,
            person: HOSTILE,
            client_name: Some(HOSTILE),
        });
        check_escaped(&ErrorPage {
            error: HOSTILE.into(),
            description: HOSTILE.into(),
            hint: HOSTILE.into(),
            debug: HOSTILE.into(),
        });
        check_escaped(&ProblemPage {
            title: HOSTILE,
            text: HOSTILE,
            detail: Some(HOSTILE),
        });
        check_escaped(&HomePage {
            csrf: HOSTILE,
            name: Some(HOSTILE.into()),
            scope: HOSTILE,
        });
        check_escaped(&LoggedOutPage { here: true });
        check_escaped(&tokens_page());
    }

    fn tokens_page() -> TokensPage<'static> {
        TokensPage {
            csrf: "c",
            name: HOSTILE.into(),
            outcome: Some(Outcome {
                title: "Userinfo",
                request: "GET /userinfo",
                status: 200,
                meaning: "x",
                body: HOSTILE,
                good: true,
            }),
            revoked: false,
            scope: HOSTILE,
            expires_at: "x".into(),
            access_token: HOSTILE.into(),
            previous_access_token: None,
            refresh_token: Some(HOSTILE.into()),
            id_token: HOSTILE.into(),
            checks: &[],
            claims: vec![Claim {
                name: HOSTILE.into(),
                value: HOSTILE.into(),
                meaning: "x",
            }],
            claims_json: HOSTILE.into(),
        }
    }

    #[test]
    fn a_wrong_password_keeps_the_address_and_says_so() {
        let text = login_page(true).render().unwrap();
        assert!(text.contains("role=\"alert\"") && text.contains("aria-invalid=\"true\""));
        let form = html::form(&text, "login").unwrap();
        assert_eq!(form.value("email"), Some(HOSTILE));
        assert_eq!(form.value("remember"), Some("yes"), "the tick stays");
        assert_eq!(form.value("password"), Some(""), "the password does not");
        assert!(
            !login_page(false)
                .render()
                .unwrap()
                .contains("role=\"alert\"")
        );
    }

    #[test]
    fn every_form_carries_its_token() {
        let page = tokens_page().render().unwrap();
        for id in ["refresh", "introspect", "userinfo", "revoke", "sign-out"] {
            let form = html::form(&page, id).unwrap();
            assert_eq!(form.value("csrf"), Some("c"), "{id}");
            assert_eq!(form.method, "post", "{id}");
        }
        let posts = page.matches("<form").count();
        assert_eq!(page.matches("name=\"csrf\"").count(), posts);
    }

    #[test]
    fn what_the_page_shows_is_read_back_unchanged() {
        let page = tokens_page().render().unwrap();
        assert_eq!(
            html::text_of(&page, "result-body").as_deref(),
            Some(HOSTILE)
        );
        assert_eq!(
            html::text_of(&page, "id-token-claims").as_deref(),
            Some(HOSTILE)
        );
        assert_eq!(
            html::text_of(&page, "result-status").as_deref(),
            Some("200")
        );
    }
}
