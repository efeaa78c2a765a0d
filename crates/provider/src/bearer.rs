use oauth_types::{FormBody, Params};

/// What a request says about the bearer of a token (RFC 6750 §2).
#[derive(Clone, Debug)]
pub struct BearerRequest<'a> {
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The raw query.
    pub query: &'a str,
    /// The form in the body.
    pub form: FormBody,
}

impl BearerRequest<'_> {
    /// The token of the header; else of a form, else of the query; of a multipart form the query
    /// comes first. Empty if there is none.
    pub(crate) fn token(&self) -> String {
        if let Some(token) = self.header_token() {
            return token.to_owned();
        }
        let query = Params::parse(self.query);
        let query = query.first("access_token").unwrap_or_default();
        let form = |params: &Params| params.first("access_token").map(str::to_owned);
        match &self.form {
            FormBody::Urlencoded(params) => form(params).unwrap_or_else(|| query.to_owned()),
            FormBody::Multipart(params) if query.is_empty() => form(params).unwrap_or_default(),
            FormBody::Multipart(_) | FormBody::None | FormBody::Broken => query.to_owned(),
        }
    }

    /// The token of the header alone, which wins over all others even if it is wrong.
    pub(crate) fn header_token(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        Some(token).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(authorization: Option<&str>, query: &str, form: FormBody, expected: &str) {
        let request = BearerRequest {
            authorization: authorization.map(str::to_owned),
            query,
            form,
        };
        assert_eq!(request.token(), expected, "{request:?}");
    }

    fn form() -> oauth_types::Params {
        [("access_token", "form")].into_iter().collect()
    }

    #[test]
    fn the_header_wins_and_a_form_comes_before_the_query_unless_it_is_multipart() {
        let query = "access_token=query";
        check(Some("Bearer t"), query, FormBody::None, "t");
        check(Some("bEARER t x"), query, FormBody::None, "t x");
        check(Some("Bearer  t"), query, FormBody::None, " t");
        check(Some("Bearer "), query, FormBody::None, "query");
        check(Some("Bearer"), query, FormBody::None, "query");
        check(Some("Basic t"), query, FormBody::None, "query");
        check(None, query, FormBody::Urlencoded(form()), "form");
        check(
            None,
            query,
            FormBody::Urlencoded(Params::default()),
            "query",
        );
        check(None, query, FormBody::Multipart(form()), "query");
        check(None, "", FormBody::Multipart(form()), "form");
        check(None, query, FormBody::Broken, "query");
        check(None, "", FormBody::None, "");
    }
}
