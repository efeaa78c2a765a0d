//! What handlers read from a request.

mod content_type;
mod cookies;
mod form;
mod multipart;

use http::{HeaderMap, HeaderName, Method, header};
use oauth_types::{FormBody, Params};
use provider::{BearerRequest, Cookies};

use crate::Listener;
use crate::router::PathParams;

/// A request that has found its route.
#[derive(Debug)]
pub(crate) struct Request {
    /// Where it came in.
    pub(crate) listener: Listener,
    /// The method.
    pub(crate) method: Method,
    /// The raw path.
    pub(crate) path: String,
    /// The raw query, without `?`.
    pub(crate) query: String,
    /// The values of the path's parameters.
    pub(crate) params: PathParams,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The whole body.
    pub(crate) body: Body,
}

/// The body of a request.
pub(crate) enum Body {
    /// All of it.
    Whole(bytes::Bytes),
    /// More than is allowed.
    TooLarge,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::TooLarge => f.write_str("too large"),
        }
    }
}

impl Request {
    /// Whether it is a POST.
    pub(crate) fn is_post(&self) -> bool {
        self.method == Method::POST
    }

    /// The parameters of the query; broken pairs are passed over.
    pub(crate) fn query_params(&self) -> Params {
        Params::parse(&self.query)
    }

    /// The form in the body of a POST; of any other method the body is not read.
    pub(crate) fn form(&self) -> FormBody {
        if !self.is_post() {
            return FormBody::None;
        }
        form::read(self.headers.get(header::CONTENT_TYPE), &self.body)
    }

    /// The body as it was sent, if it is a url-encoded form of a POST.
    pub(crate) fn raw_form(&self) -> Option<String> {
        let media = content_type::parse(self.headers.get(header::CONTENT_TYPE)?)?;
        match &self.body {
            Body::Whole(bytes) if self.is_post() && media.is_urlencoded() => {
                Some(String::from_utf8_lossy(bytes).into_owned())
            }
            _ => None,
        }
    }

    /// The `Authorization` header.
    pub(crate) fn authorization(&self) -> Option<String> {
        self.header(&header::AUTHORIZATION)
    }

    /// What the request says about the bearer of a token.
    pub(crate) fn bearer(&self) -> BearerRequest<'_> {
        BearerRequest {
            authorization: self.authorization(),
            query: &self.query,
            form: self.form(),
        }
    }

    /// What the request says about the bearer of a registration access token. Hydra: here a form is
    /// read whatever the method, but a url-encoded one only of PUT.
    pub(crate) fn registrant(&self) -> BearerRequest<'_> {
        let form = form::read(self.headers.get(header::CONTENT_TYPE), &self.body);
        let form = match form {
            FormBody::Urlencoded(_) if self.method != Method::PUT => FormBody::None,
            form => form,
        };
        BearerRequest {
            form,
            ..self.bearer()
        }
    }

    /// The cookies, in the order that they were sent.
    pub(crate) fn cookies(&self) -> Cookies {
        cookies::read(&self.headers)
    }

    /// The first JSON value of the body, or why it cannot be read.
    pub(crate) fn json<T: api_types::Body>(&self) -> Result<T, String> {
        api_types::decode_first(self.bytes()?).map_err(|error| error.to_string())
    }

    /// The whole body, or why it cannot be read.
    pub(crate) fn bytes(&self) -> Result<&[u8], String> {
        match &self.body {
            Body::Whole(bytes) => Ok(bytes),
            Body::TooLarge => Err("http: request body too large".to_owned()),
        }
    }

    /// Path and query as they were sent.
    pub(crate) fn path_and_query(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        format!("{}?{}", self.path, self.query)
    }

    /// The first header of a name; bytes that are not UTF-8 are replaced.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}
