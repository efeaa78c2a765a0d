//! Protection of every form against posts from foreign pages: a random cookie, repeated in a
//! hidden field ("double submit"). A foreign page can make the browser send the cookie, but can
//! neither read it nor the form.

use crate::{
    cookies::{self, Cookies},
    jose,
    params::Params,
    problem::Problem,
};

const COOKIE: &str = "hydrus_demo_csrf";
/// The name of the hidden field.
pub(crate) const FIELD: &str = "csrf";
const LENGTH: usize = 43;

/// The token of one browser.
pub(crate) struct Csrf {
    token: String,
    fresh: bool,
}

impl Csrf {
    /// Takes the browser's token, or makes a new one where it has none that we could have made.
    pub(crate) fn of(cookies: &Cookies) -> Self {
        match known(cookies) {
            Some(token) => Self {
                token: token.to_owned(),
                fresh: false,
            },
            None => Self {
                token: jose::random_text(),
                fresh: true,
            },
        }
    }

    /// The value for the hidden field.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The cookie to set, unless the browser has it.
    pub(crate) fn set_cookie(&self) -> Option<String> {
        self.fresh.then(|| cookies::set(COOKIE, &self.token))
    }
}

/// Refuses a form that does not come from one of our own pages in this browser.
pub(crate) fn check(cookies: &Cookies, form: &Params) -> Result<(), Problem> {
    match known(cookies) {
        Some(token) if jose::equal(token, form.text(FIELD)) => Ok(()),
        _ => Err(Problem::forged_form()),
    }
}

fn known(cookies: &Cookies) -> Option<&str> {
    let well_formed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    cookies
        .get(COOKIE)
        .filter(|token| token.len() == LENGTH && token.chars().all(well_formed))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::*;

    fn cookies(value: Option<&str>) -> Cookies {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            let pair = format!("{COOKIE}={value}");
            headers.insert(header::COOKIE, pair.parse().unwrap());
        }
        Cookies::of(&headers)
    }

    #[test]
    fn forms_need_the_token_of_the_cookie() {
        let (token, other) = (jose::random_text(), jose::random_text());
        for (cookie, field, fine) in [
            (Some(token.as_str()), token.as_str(), true),
            (Some(token.as_str()), other.as_str(), false),
            (Some(token.as_str()), "", false),
            (None, token.as_str(), false),
            (None, "", false),
            (Some(""), "", false),
            (Some("short"), "short", false),
        ] {
            let form = Params::parse(format!("{FIELD}={field}").as_bytes());
            let checked = check(&cookies(cookie), &form);
            assert_eq!(checked.is_ok(), fine, "{cookie:?} {field}");
        }
    }

    #[test]
    fn a_token_stays_for_all_tabs_of_a_browser() {
        let first = Csrf::of(&cookies(None));
        assert!(
            first
                .set_cookie()
                .unwrap()
                .contains("HttpOnly; SameSite=Lax")
        );
        let again = Csrf::of(&cookies(Some(first.token())));
        assert_eq!(again.token(), first.token());
        assert_eq!(again.set_cookie(), None);
        let broken = Csrf::of(&cookies(Some("\"><script>")));
        assert!(broken.set_cookie().is_some());
    }
}
