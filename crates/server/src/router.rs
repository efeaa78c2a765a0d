//! Finds the route of a request, or what is to be said instead.

use std::borrow::Cow;

use http::Method;

use crate::path;
use crate::routes::{ROUTES, Route};
use crate::{Listener, ServerError};

/// The values of a route's parameters, decoded, in the order of the path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PathParams(Vec<String>);

impl PathParams {
    /// The value of the parameter at a place; empty if the route has none there.
    pub(crate) fn at(&self, place: usize) -> &str {
        self.0.get(place).map(String::as_str).unwrap_or_default()
    }
}

/// What is to be done with a request.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    /// A handler answers it.
    Route(&'a Route, PathParams),
    /// It names an admin route without its prefix.
    Unprefixed(&'static str),
    /// It means this path, in another spelling.
    Canonical(String),
    /// The path knows other methods only.
    MethodNotAllowed { allow: &'a str },
    /// It asks which methods the path knows.
    Options { allow: &'a str },
    /// A percent escape of the path is broken.
    Malformed,
    /// No such path.
    Nothing,
}

/// The routes of one listener.
pub(crate) struct Router {
    matcher: matchit::Router<usize>,
    entries: Vec<Entry>,
}

/// All that is known of one path.
struct Entry {
    path: &'static str,
    segments: Vec<&'static str>,
    routes: Vec<&'static Route>,
    /// Whether it is an admin path without its prefix: known, but only to be redirected.
    unprefixed: bool,
    allow: String,
}

impl Entry {
    fn route(&self, method: &Method) -> Option<&'static Route> {
        self.routes
            .iter()
            .copied()
            .find(|route| route.method == *method)
    }
}

impl Router {
    /// Builds the routes of a listener from the table.
    ///
    /// # Errors
    /// If two routes of the table exclude each other.
    pub(crate) fn new(listener: Listener) -> Result<Self, ServerError> {
        let mut router = Self {
            matcher: matchit::Router::new(),
            entries: Vec::new(),
        };
        for route in ROUTES.iter().filter(|route| route.on.includes(listener)) {
            router.add(route.path, route, false)?;
            // Hydra: every admin path answers without its prefix too, with a redirect; the metrics
            // do not.
            if let (Some(bare), false) = (
                route.path.strip_prefix("/admin"),
                route.path.contains("/metrics/"),
            ) {
                router.add(bare, route, true)?;
            }
        }
        for entry in &mut router.entries {
            let mut methods: Vec<&str> = entry.routes.iter().map(|r| r.method.as_str()).collect();
            methods.push("OPTIONS");
            methods.sort_unstable();
            methods.dedup();
            entry.allow = methods.join(", ");
        }
        Ok(router)
    }

    fn add(
        &mut self,
        path: &'static str,
        route: &'static Route,
        unprefixed: bool,
    ) -> Result<(), ServerError> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if let Some(entry) = self
            .entries
            .iter_mut()
            .find(|entry| entry.segments == segments)
        {
            entry.routes.push(route);
            return Ok(());
        }
        self.matcher
            .insert(path, self.entries.len())
            .map_err(|error| ServerError::Routes(format!("{path}: {error}")))?;
        let routes = vec![route];
        self.entries.push(Entry {
            path,
            segments,
            routes,
            unprefixed,
            allow: String::new(),
        });
        Ok(())
    }

    /// Finds out what to do with a method and a raw path.
    pub(crate) fn find(&self, method: &Method, raw_path: &str) -> Found<'_> {
        let Some(key) = path::key(raw_path) else {
            return Found::Malformed;
        };
        let known = self.matcher.at(&key).ok().and_then(|found| {
            let params = found
                .params
                .iter()
                .map(|(_, v)| path::segment_text(v).into_owned());
            Some((
                self.entries.get(*found.value)?,
                PathParams(params.collect()),
            ))
        });
        let Some((entry, params)) = known else {
            return self
                .canonical(method, &key)
                .map_or(Found::Nothing, Found::Canonical);
        };
        match entry.route(method) {
            Some(_) if entry.unprefixed => Found::Unprefixed(entry.path),
            Some(route) => Found::Route(route, params),
            None if *method == Method::OPTIONS => Found::Options {
                allow: &entry.allow,
            },
            None => match self.canonical(method, &key) {
                // A parameter may have swallowed what means another path (`/admin/clients/..`).
                Some(path) => Found::Canonical(path),
                None => Found::MethodNotAllowed {
                    allow: &entry.allow,
                },
            },
        }
    }

    /// The path that is meant if slashes, dots and letter case are not taken seriously; only paths
    /// that know the method count.
    fn canonical(&self, method: &Method, key: &str) -> Option<String> {
        let cleaned = path::clean(key);
        let entry = self.entries.iter().find(|entry| {
            entry.route(method).is_some()
                && entry.segments.len() == cleaned.len()
                && entry
                    .segments
                    .iter()
                    .zip(&cleaned)
                    .all(|(template, segment)| {
                        is_parameter(template) || template.eq_ignore_ascii_case(segment)
                    })
        })?;
        let mut meant = String::new();
        let mut same = String::new();
        for (template, segment) in entry.segments.iter().zip(cleaned) {
            meant.push('/');
            same.push('/');
            if is_parameter(template) {
                path::encode_segment(&path::segment_text(segment), &mut meant);
                same.push_str(segment);
            } else {
                meant.push_str(template);
                same.push_str(template);
            }
        }
        (same != key).then_some(meant)
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Where an admin path without its prefix leads: to the admin base URL, which may have a path of its
/// own. Without a base the answer is relative to the host that was asked.
pub(crate) fn prefixed(admin_base: &str, raw_path: &str, query: Option<&str>) -> String {
    let mut url = admin_base.trim_end_matches('/').to_owned();
    url.push_str("/admin");
    path::encode_raw(raw_path, &mut url);
    push_query(&mut url, query);
    url
}

/// Appends a query as it was sent.
pub(crate) fn push_query(url: &mut String, query: Option<&str>) {
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        url.push('?');
        path::encode_raw(query, url);
    }
}

/// The path of a request in logs: without its query, and bounded.
pub(crate) fn logged_path(raw_path: &str) -> Cow<'_, str> {
    const SHOWN: usize = 256;
    if raw_path.len() <= SHOWN {
        return Cow::Borrowed(raw_path);
    }
    Cow::Owned(raw_path.chars().take(SHOWN).chain(['…']).collect())
}

#[cfg(test)]
mod tests;
