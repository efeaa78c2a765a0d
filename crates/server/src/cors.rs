//! Cross-origin requests (WHATWG Fetch §3.2): which headers an answer needs for a page of another
//! origin to read it.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use provider::origin_matches;

use crate::CorsOptions;
use crate::respond::{self, Response};

const STAR: HeaderValue = HeaderValue::from_static("*");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// The settings of a listener, made ready.
pub(crate) struct Cors {
    /// Patterns; none admits all.
    origins: Vec<String>,
    any_origin: bool,
    methods: Vec<String>,
    headers: Vec<String>,
    any_header: bool,
    exposed: Option<HeaderValue>,
    credentials: bool,
    max_age_s: u64,
    debug: bool,
}

/// What a request says to this end.
#[derive(Debug)]
pub(crate) struct Asked {
    method: Method,
    /// As it was sent; an empty one counts as absent.
    origin: Option<HeaderValue>,
    wanted_method: String,
    wanted_headers: Vec<String>,
}

/// Whether an origin is admitted, and how that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is not.
    Refused,
    /// It is, and the answer names it.
    Echoed,
    /// It is, as all are.
    Star,
}

impl Asked {
    pub(crate) fn by(method: &Method, headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let origin = headers.get(header::ORIGIN).cloned();
        Self {
            method: method.clone(),
            origin: origin.filter(|origin| !origin.is_empty()),
            wanted_method: text(header::ACCESS_CONTROL_REQUEST_METHOD)
                .unwrap_or_default()
                .to_uppercase(),
            wanted_headers: names(text(header::ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default()),
        }
    }

    /// The origin; empty if none is named.
    pub(crate) fn origin(&self) -> &str {
        let text = self.origin.as_ref().and_then(|origin| origin.to_str().ok());
        text.unwrap_or_default()
    }

    /// Whether a browser asks before it sends the request itself.
    pub(crate) fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS && !self.wanted_method.is_empty()
    }
}

impl Cors {
    pub(crate) fn new(options: &CorsOptions) -> Self {
        let or = |given: &[String], default: &[&str]| -> Vec<String> {
            if given.is_empty() {
                default.iter().map(|&name| name.to_owned()).collect()
            } else {
                given.to_vec()
            }
        };
        let mut headers = or(
            &options.allowed_headers,
            &["Accept", "Content-Type", "X-Requested-With"],
        );
        headers.push("Origin".to_owned());
        let exposed: Vec<String> = options
            .exposed_headers
            .iter()
            .map(|n| canonical(n))
            .collect();
        Self {
            any_origin: options.allowed_origins.iter().any(|origin| origin == "*"),
            origins: options.allowed_origins.clone(),
            methods: or(&options.allowed_methods, &["GET", "POST", "HEAD"]),
            any_header: headers.iter().any(|name| name == "*"),
            headers,
            exposed: HeaderValue::from_str(&exposed.join(", "))
                .ok()
                .filter(|names| !names.is_empty()),
            credentials: options.allow_credentials,
            max_age_s: options.max_age_s,
            debug: options.debug,
        }
    }

    /// By the operator's list alone. Hydra: a star in a pattern spans dots here.
    pub(crate) fn plain(&self, asked: &Asked) -> Admission {
        let origin = asked.origin().to_lowercase();
        if self.any_origin || self.origins.is_empty() {
            return Admission::Star;
        }
        let spans = |pattern: &String| {
            let pattern = pattern.to_lowercase();
            let Some((head, tail)) = pattern.split_once('*') else {
                return pattern == origin;
            };
            origin.len() >= head.len() + tail.len()
                && origin.starts_with(head)
                && origin.ends_with(tail)
        };
        echoed_if(self.origins.iter().any(spans))
    }

    /// By the operator's list where a client may have one, too. A preflight names no client, so that
    /// it passes from everywhere. Hydra: a star stays within its label, but a host that is nothing
    /// but a star is any host.
    pub(crate) fn by_client(&self, asked: &Asked) -> Admission {
        let origin = asked.origin();
        if self.any_origin {
            return Admission::Star;
        }
        let admits = |pattern: &String| {
            let any_host = pattern.strip_suffix('*').filter(|s| s.ends_with("://"));
            match any_host {
                Some(scheme) => origin.to_lowercase().starts_with(&scheme.to_lowercase()),
                None => origin_matches(pattern, origin),
            }
        };
        echoed_if(
            self.origins.is_empty()
                || self.origins.iter().any(admits)
                || asked.method == Method::OPTIONS,
        )
    }

    /// The answer to a preflight. Whatever comes of it, it is 204; a refusal is its silence.
    pub(crate) fn preflight(&self, asked: &Asked, admission: Admission) -> Response {
        let mut response = respond::empty(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        for name in [
            "Origin",
            "Access-Control-Request-Method",
            "Access-Control-Request-Headers",
        ] {
            headers.append(header::VARY, HeaderValue::from_static(name));
        }
        let passes = self.allows_method(&asked.wanted_method)
            && asked
                .wanted_headers
                .iter()
                .all(|name| self.allows_header(name));
        let Some(origin) = self.origin_to_send(asked, admission, passes) else {
            return response;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let mut put = |name, text: &str| {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        };
        put(header::ACCESS_CONTROL_ALLOW_METHODS, &asked.wanted_method);
        if !asked.wanted_headers.is_empty() {
            let names = asked.wanted_headers.join(", ");
            put(header::ACCESS_CONTROL_ALLOW_HEADERS, &names);
        }
        if self.max_age_s > 0 {
            put(header::ACCESS_CONTROL_MAX_AGE, &self.max_age_s.to_string());
        }
        if self.credentials {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        response
    }

    /// Puts what a page needs to read the answer to a request itself.
    pub(crate) fn mark(&self, asked: &Asked, admission: Admission, headers: &mut HeaderMap) {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        let passes = self.allows_method(asked.method.as_str());
        let Some(origin) = self.origin_to_send(asked, admission, passes) else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if let Some(exposed) = &self.exposed {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
        if self.credentials {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
    }

    fn origin_to_send(
        &self,
        asked: &Asked,
        admission: Admission,
        passes: bool,
    ) -> Option<HeaderValue> {
        if self.debug {
            tracing::info!(
                cors.origin = ?asked.origin,
                cors.method = %asked.method,
                cors.wanted_method = %asked.wanted_method,
                cors.origin_admitted = admission != Admission::Refused,
                cors.method_and_headers_allowed = passes,
                "decided about a page of another origin"
            );
        }
        let origin = asked.origin.as_ref().filter(|_| passes)?;
        match admission {
            Admission::Refused => None,
            Admission::Echoed => Some(origin.clone()),
            // Hydra: beside credentials as well, where browsers take it for a refusal.
            Admission::Star => Some(STAR),
        }
    }

    fn allows_method(&self, method: &str) -> bool {
        method == Method::OPTIONS.as_str() || self.methods.iter().any(|m| m.as_str() == method)
    }

    fn allows_header(&self, name: &str) -> bool {
        self.any_header || self.headers.iter().any(|h| h.eq_ignore_ascii_case(name))
    }
}

fn echoed_if(admitted: bool) -> Admission {
    if admitted {
        Admission::Echoed
    } else {
        Admission::Refused
    }
}

/// The names of a list that is separated by commas or blanks, in their usual spelling. What cannot
/// be part of a name is passed over.
fn names(list: &str) -> Vec<String> {
    let clean = |name: &str| -> String {
        let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        canonical(&name.chars().filter(kept).collect::<String>())
    };
    list.split([',', ' '])
        .map(clean)
        .filter(|name| !name.is_empty())
        .collect()
}

/// `Content-Type` for `content-TYPE`.
fn canonical(name: &str) -> String {
    let mut begins = true;
    let letter = |c: char| {
        let written = if begins {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        };
        begins = c == '-';
        written
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests;
