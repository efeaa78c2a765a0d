//! Where an answer of the authorization endpoint goes and how it travels.

use oauth_types::{OAuthError, Params, ResponseMode};

use super::ReplyTo;

/// An answer to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A redirect.
    Redirect(String),
    /// A form that submits itself.
    Form {
        /// Where to.
        action: String,
        /// Its fields, sorted by name.
        fields: Vec<(String, String)>,
    },
}

/// Answers with parameters. In a query they take the place of registered ones of the same name.
#[must_use]
pub fn reply_with(to: &ReplyTo, mode: ResponseMode, params: &Params) -> Reply {
    match mode {
        ResponseMode::Query => {
            let (base, mut query) = split_query(&to.redirect_uri);
            for (name, value) in params.iter() {
                query.set(name, value);
            }
            Reply::Redirect(format!("{base}?{}", query.encode_sorted()))
        }
        ResponseMode::Fragment => {
            Reply::Redirect(format!("{}#{}", to.redirect_uri, params.encode_sorted()))
        }
        ResponseMode::FormPost => form(to, params),
    }
}

/// Answers with an error. In a query its parameters stand before registered ones of the same name.
#[must_use]
pub fn reply_with_error(to: &ReplyTo, error: &OAuthError, expose: bool) -> Reply {
    let mut params = Params::default();
    params.add("error", error.name());
    params.add("error_description", error.description(expose));
    params.add("state", to.state.as_str());
    match to.mode {
        Some(mode @ (ResponseMode::Fragment | ResponseMode::FormPost)) => {
            reply_with(to, mode, &params)
        }
        Some(ResponseMode::Query) | None => {
            let (base, query) = split_query(&to.redirect_uri);
            params.extend(query);
            Reply::Redirect(format!("{base}?{}", params.encode_sorted()))
        }
    }
}

fn split_query(uri: &str) -> (&str, Params) {
    match uri.split_once('?') {
        Some((base, query)) => (base, Params::parse(query)),
        None => (uri, Params::default()),
    }
}

fn form(to: &ReplyTo, params: &Params) -> Reply {
    let mut fields: Vec<(String, String)> = params
        .iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    Reply::Form {
        action: to.redirect_uri.clone(),
        fields,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, mode: ResponseMode, expected: &str) {
        let to = ReplyTo {
            redirect_uri: uri.into(),
            mode: Some(mode),
            state: "s".into(),
        };
        let params: Params = [("code", "c d"), ("state", "s")].into_iter().collect();
        assert_eq!(
            reply_with(&to, mode, &params),
            Reply::Redirect(expected.into())
        );
    }

    #[test]
    fn answers_keep_the_registered_query() {
        check(
            "https://a/cb",
            ResponseMode::Query,
            "https://a/cb?code=c+d&state=s",
        );
        check(
            "https://a/cb?z=1&code=x",
            ResponseMode::Query,
            "https://a/cb?code=c+d&state=s&z=1",
        );
        check(
            "https://a/cb?z=1",
            ResponseMode::Fragment,
            "https://a/cb?z=1#code=c+d&state=s",
        );
    }

    #[test]
    fn errors_stand_beside_registered_parameters_of_the_same_name() {
        let to = ReplyTo {
            redirect_uri: "https://a/?state=r".into(),
            mode: None,
            state: String::new(),
        };
        let error = OAuthError::custom("e".into(), 400, "d".into(), String::new(), String::new());
        let expected = "https://a/?error=e&error_description=d&state=&state=r";
        assert_eq!(
            reply_with_error(&to, &error, false),
            Reply::Redirect(expected.into())
        );
    }
}
