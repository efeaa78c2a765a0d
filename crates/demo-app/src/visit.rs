use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Body;

use crate::{
    admin_api::Kind,
    cookies::Cookies,
    csrf::{self, Csrf},
    params::Params,
    problem::Problem,
};

const BODY_LIMIT: usize = 64 * 1024;
const BODY_TIME_LIMIT: Duration = Duration::from_secs(10);
const CHALLENGE_LIMIT: usize = 4096;

/// A request, read to its end.
pub(crate) struct Visit {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The query as it came.
    pub(crate) raw_query: Option<String>,
    /// The `Host` header.
    pub(crate) host: String,
    pub(crate) query: Params,
    pub(crate) form: Params,
    pub(crate) cookies: Cookies,
    pub(crate) csrf: Csrf,
}

impl Visit {
    /// Takes the head; the form stays empty.
    pub(crate) fn of_head<B>(request: &Request<B>) -> Self {
        let cookies = Cookies::of(request.headers());
        let host = request.headers().get(header::HOST);
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            raw_query: request.uri().query().map(str::to_owned),
            host: host
                .and_then(|h| h.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            query: Params::parse(request.uri().query().unwrap_or_default().as_bytes()),
            form: Params::default(),
            csrf: Csrf::of(&cookies),
            cookies,
        }
    }

    /// Reads the form of a POST and checks that it comes from one of our pages.
    pub(crate) async fn read_form<B>(&mut self, request: Request<B>) -> Result<(), Problem>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let media_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if !media_type
            .trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This is not a form",
                "Use the buttons of the page.",
            ));
        }
        let body = Limited::new(request.into_body(), BODY_LIMIT).collect();
        let body = match tokio::time::timeout(BODY_TIME_LIMIT, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(e)) if e.is::<LengthLimitError>() => {
                return Err(Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "This form is too large",
                    format!("At most {} KiB are read.", BODY_LIMIT / 1024),
                ));
            }
            Ok(Err(e)) => {
                return Err(Problem::bad_request("The form broke off.").with_detail(e.to_string()));
            }
            Err(_) => {
                return Err(Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "This took too long",
                    "The form did not arrive in time. Send it again.",
                ));
            }
        };
        self.form = Params::parse(&body);
        csrf::check(&self.cookies, &self.form)
    }

    /// The challenge with which Hydrus sent the browser here, or which our form carried on.
    pub(crate) fn challenge(&self, kind: Kind) -> Result<&str, Problem> {
        let from = if self.method == Method::POST {
            &self.form
        } else {
            &self.query
        };
        match from.text(kind.parameter()) {
            "" => Err(Problem::bad_request(format!(
                "The parameter {} is missing. This page is not opened directly: Hydrus sends the \
                 browser here in the course of a login or logout.",
                kind.parameter()
            ))),
            long if long.len() > CHALLENGE_LIMIT => Err(Problem::bad_request(format!(
                "The parameter {} is too long.",
                kind.parameter()
            ))),
            challenge => Ok(challenge),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    async fn check(content_type: &str, body: String, status: Option<u16>) {
        let token = "t".repeat(43);
        let request = Request::post("/login?login_challenge=query")
            .header(header::CONTENT_TYPE, content_type)
            .header(header::COOKIE, format!("hydrus_demo_csrf={token}"))
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let mut visit = Visit::of_head(&request);
        let read = visit.read_form(request).await;
        assert_eq!(read.err().map(|p| p.status.as_u16()), status);
    }

    #[tokio::test]
    async fn forms_are_bounded_and_checked() {
        const FORM: &str = "application/x-www-form-urlencoded";
        let token = "t".repeat(43);
        check(FORM, format!("csrf={token}"), None).await;
        check(
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
            format!("csrf={token}"),
            None,
        )
        .await;
        check(FORM, String::new(), Some(403)).await;
        check("text/plain", format!("csrf={token}"), Some(415)).await;
        let large = format!("csrf={token}&x={}", "x".repeat(BODY_LIMIT));
        check(FORM, large, Some(413)).await;
    }
}
