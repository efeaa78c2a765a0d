use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::histogram::{Histogram, write_histogram};

/// The media type of [`HttpMetrics::render`].
pub const METRICS_MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counts what the listeners answer, under the names of Hydra's metrics, so that dashboards made for
/// it go on working.
///
/// The number of series is bounded, whatever callers send: endpoints are templates, and methods that
/// nobody knows count together.
pub struct HttpMetrics {
    /// What stands in every sample, in alphabetical order around the others.
    version: String,
    seen: Mutex<Seen>,
}

/// One exchange.
#[derive(Clone, Copy, Debug)]
pub struct HttpExchange<'a> {
    /// The path's template; `{unmatched}` if there is no such path.
    pub endpoint: &'static str,
    /// The method as it was sent.
    pub method: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
    /// Bytes of the request, about.
    pub request_bytes: usize,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
}

/// Everything else follows from these two.
#[derive(Default)]
struct Seen {
    times: BTreeMap<(&'static str, &'static str, u16), Histogram>,
    sizes: BTreeMap<(&'static str, u16), Sizes>,
}

#[derive(Default)]
struct Sizes {
    requests: Histogram,
    responses: Histogram,
}

impl HttpMetrics {
    /// Counts from zero, for a server of a version.
    #[must_use]
    pub fn new(version: &str) -> Self {
        Self {
            version: escape(version),
            seen: Mutex::default(),
        }
    }

    /// Counts an exchange.
    pub fn count(&self, exchange: &HttpExchange<'_>) {
        let method = known_method(exchange.method);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.times
            .entry((exchange.endpoint, method, exchange.status))
            .or_default()
            .observe(exchange.took.as_secs_f64());
        let sizes = seen.sizes.entry((method, exchange.status)).or_default();
        sizes.requests.observe(exchange.request_bytes as f64);
        sizes.responses.observe(exchange.response_bytes as f64);
    }

    /// All numbers in the text format of Prometheus, version 0.0.4.
    #[must_use]
    pub fn render(&self) -> String {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        self.durations(&seen, &mut text);
        self.sizes(&seen, &mut text);
        self.statuses(&seen, &mut text);
        self.totals(&seen, &mut text);
        self.times(&seen, &mut text);
        text
    }

    fn durations(&self, seen: &Seen, text: &mut String) {
        let name = "http_requests_duration_seconds";
        head(text, name, "duration of a requests in seconds", "histogram");
        for (&(endpoint, method, status), times) in &seen.times {
            let labels = self.labels(&[
                ("code", &status.to_string()),
                ("endpoint", &shown(endpoint)),
                ("method", method),
            ]);
            write_histogram(text, name, &labels, times);
        }
    }

    fn sizes(&self, seen: &Seen, text: &mut String) {
        let sizes = |text: &mut String, name, help, of: fn(&Sizes) -> &Histogram| {
            head(text, name, help, "histogram");
            for (&(method, status), sizes) in &seen.sizes {
                let labels = self.labels(&[("code", &status.to_string()), ("method", method)]);
                write_histogram(text, name, &labels, of(sizes));
            }
        };
        let (name, help) = ("http_requests_size_bytes", "size of the requests in bytes");
        sizes(text, name, help, |sizes| &sizes.requests);
        let (name, help) = ("http_response_size_bytes", "size of the responses in bytes");
        sizes(text, name, help, |sizes| &sizes.responses);
    }

    fn statuses(&self, seen: &Seen, text: &mut String) {
        let name = "http_requests_statuses_total";
        head(
            text,
            name,
            "count number of responses per status",
            "counter",
        );
        let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (&(method, status), sizes) in &seen.sizes {
            *counts.entry((method, bucket(status))).or_default() += sizes.responses.count();
        }
        for ((method, bucket), count) in counts {
            // Hydra: here alone in capitals.
            let method = method.to_uppercase();
            let labels = self.labels(&[("method", &method), ("status_bucket", bucket)]);
            let _ = writeln!(text, "{name}{{{labels}}} {count}");
        }
    }

    fn totals(&self, seen: &Seen, text: &mut String) {
        let name = "http_requests_total";
        head(text, name, "number of requests", "counter");
        for (&(endpoint, method, status), times) in &seen.times {
            let labels = self.labels(&[
                ("code", &status.to_string()),
                ("endpoint", &shown(endpoint)),
                ("method", method),
            ]);
            let _ = writeln!(text, "{name}{{{labels}}} {}", times.count());
        }
    }

    fn times(&self, seen: &Seen, text: &mut String) {
        let name = "http_response_time_seconds";
        head(text, name, "Description", "histogram");
        let mut by_endpoint: BTreeMap<&str, Histogram> = BTreeMap::new();
        for (&(endpoint, ..), times) in &seen.times {
            by_endpoint.entry(endpoint).or_default().add(times);
        }
        for (endpoint, times) in by_endpoint {
            let labels = self.labels(&[("endpoint", &shown(endpoint))]);
            write_histogram(text, name, &labels, &times);
        }
    }

    /// The labels of a sample, sorted as Prometheus' own libraries do.
    fn labels(&self, own: &[(&str, &str)]) -> String {
        let mut labels = vec![
            ("app", "hydra"),
            ("buildTime", "undefined"),
            ("hash", "undefined"),
            ("version", self.version.as_str()),
        ];
        labels.extend_from_slice(own);
        labels.sort_unstable_by_key(|(name, _)| *name);
        let pairs: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        pairs.join(",")
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn known_method(method: &str) -> &'static str {
    match method {
        "GET" => "get",
        "PUT" => "put",
        "HEAD" => "head",
        "POST" => "post",
        "DELETE" => "delete",
        "CONNECT" => "connect",
        "OPTIONS" => "options",
        "TRACE" => "trace",
        "PATCH" => "patch",
        _ => "unknown",
    }
}

fn bucket(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        500..=599 => "5xx",
        _ => "unknown",
    }
}

/// The template with `{param}` for each parameter.
fn shown(template: &str) -> String {
    if template == UNMATCHED {
        return template.to_owned();
    }
    let segment = |segment| {
        if str::starts_with(segment, '{') {
            "{param}"
        } else {
            segment
        }
    };
    let segments: Vec<&str> = template.split('/').map(segment).collect();
    segments.join("/")
}

/// The endpoint of requests that no route answers.
pub const UNMATCHED: &str = "{unmatched}";

fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(exchanges: &[(&'static str, &str, u16)]) -> String {
        let metrics = HttpMetrics::new("v1");
        for &(endpoint, method, status) in exchanges {
            metrics.count(&HttpExchange {
                endpoint,
                method,
                status,
                took: Duration::from_millis(20),
                request_bytes: 100,
                response_bytes: 3,
            });
        }
        metrics.render()
    }

    #[test]
    fn exchanges_count_under_hydras_names() {
        let text = counted(&[
            ("/admin/keys/{set}/{kid}", "GET", 404),
            ("/admin/keys/{set}/{kid}", "GET", 404),
            ("/admin/keys/{set}/{kid}", "DELETE", 204),
            (UNMATCHED, "GET", 404),
        ]);
        let common = r#"app="hydra",buildTime="undefined""#;
        for line in [
            format!(
                r#"http_requests_total{{{common},code="404",endpoint="/admin/keys/{{param}}/{{param}}",hash="undefined",method="get",version="v1"}} 2"#
            ),
            format!(
                r#"http_requests_total{{{common},code="404",endpoint="{{unmatched}}",hash="undefined",method="get",version="v1"}} 1"#
            ),
            format!(
                r#"http_requests_statuses_total{{{common},hash="undefined",method="GET",status_bucket="4xx",version="v1"}} 3"#
            ),
            format!(
                r#"http_response_time_seconds_count{{{common},endpoint="/admin/keys/{{param}}/{{param}}",hash="undefined",version="v1"}} 3"#
            ),
            format!(
                r#"http_response_size_bytes_sum{{{common},code="404",hash="undefined",method="get",version="v1"}} 9"#
            ),
            format!(
                r#"http_requests_size_bytes_bucket{{{common},code="204",hash="undefined",method="delete",version="v1",le="+Inf"}} 1"#
            ),
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\nis not in\n{text}");
        }
    }

    #[test]
    fn made_up_methods_and_statuses_make_no_new_series() {
        let text = counted(&[
            ("/x", "BREW", 999),
            ("/x", "brew2", 999),
            ("/x", "get", 100),
        ]);
        assert!(text.contains(r#"method="UNKNOWN",status_bucket="unknown",version="v1"} 3"#));
        assert!(!text.to_lowercase().contains("brew"));
    }

    #[test]
    fn all_six_metrics_are_described_even_when_nothing_happened() {
        let text = counted(&[]);
        assert_eq!(text.matches("# HELP http_").count(), 6);
        assert_eq!(text.matches("# TYPE http_").count(), 6);
    }
}
