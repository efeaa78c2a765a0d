use std::io::Write as _;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;

use crate::line::{Fields, Line};
use crate::settings::{Format, LogSettings};

/// Our crates, which log at the level asked for. Others say no more than warnings, because at
/// `debug` some of them log what goes over the wire.
const OURS: [&str; 19] = [
    "api_types",
    "cli",
    "client_registry",
    "config",
    "consent_flow",
    "crypto",
    "demo_app",
    "http_client",
    "hydra_import",
    "hydrus",
    "jwk_store",
    "memory_store",
    "oauth_core",
    "oauth_types",
    "persistence",
    "provider",
    "server",
    "store_conformance",
    "telemetry",
];

/// Sends the log lines of the process to standard error. Where a subscriber is set already, as in
/// a program that embeds the provider, that one stays.
pub fn init(settings: &LogSettings) {
    let _ = subscriber(settings, std::io::stderr).try_init();
}

/// A subscriber that writes each line by one call to a writer.
pub fn subscriber<W>(settings: &LogSettings, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let level = settings.level;
    let targets = OURS.iter().fold(Targets::new(), |targets, name| {
        targets.with_target(*name, level)
    });
    let lines = Lines {
        writer,
        format: settings.format,
        with_place: level == LevelFilter::TRACE,
    };
    let filter = targets.with_default(level.min(LevelFilter::WARN));
    Registry::default().with(lines.with_filter(filter))
}

struct Lines<W> {
    writer: W,
    format: Format,
    /// Whether lines name the place in the code.
    with_place: bool,
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let message = own.take("message").unwrap_or_else(|| "".into());
        let mut fields = own;
        // From the innermost outwards; what is nearer to the event wins.
        let mut innermost = None;
        for span in context.event_scope(event).into_iter().flatten() {
            innermost.get_or_insert(span.name());
            if let Some(outer) = span.extensions().get::<Fields>() {
                for (name, value) in &outer.0 {
                    if fields.0.iter().all(|(known, _)| known != name) {
                        fields.set(name, value.clone());
                    }
                }
            }
        }
        if let Some(name) = innermost {
            fields.set("span", name.into());
        }
        let metadata = event.metadata();
        if let (true, Some(file), Some(line)) = (self.with_place, metadata.file(), metadata.line())
        {
            fields.set("file", format!("{file}:{line}").into());
        }
        let line = Line {
            time: now(),
            level: word(*metadata.level()),
            message,
            fields,
        };
        // A log that cannot be written is no reason to stop serving.
        let _ = self
            .writer
            .make_writer_for(metadata)
            .write_all(line.render(self.format).as_bytes());
    }
}

fn now() -> String {
    let mut time = String::new();
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    time
}

/// The level as operators of Hydra search for it.
fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        // Hydra: the logger writes `warning` although the configuration says `warn`.
        Level::WARN => "warning",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::names::{field, span};

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .expect("not poisoned")
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `log` writes, without the time, which is checked to be one.
    fn check(settings: &LogSettings, log: impl FnOnce(), expected: &str) {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(settings, move || writer.clone());
        tracing::subscriber::with_default(subscriber, log);
        let written = String::from_utf8(kept.0.lock().expect("not poisoned").clone());
        let written = written.expect("UTF-8");
        let mut without_times = String::new();
        for part in written.split_inclusive(['=', ' ', '"', '\n']) {
            let time = part.starts_with("20") && part.contains("T") && part.contains('Z');
            without_times.push_str(if time {
                part.get(27..).unwrap_or("?")
            } else {
                part
            });
        }
        assert_eq!(without_times, expected);
    }

    fn settings() -> LogSettings {
        LogSettings::default()
    }

    #[test]
    fn text_lines_quote_what_could_forge_a_field() {
        check(
            &settings(),
            || tracing::info!(client.id = "web", size_bytes = 5, ok = true, "two words"),
            "time= level=info msg=\"two words\" client.id=web size_bytes=5 ok=true\n",
        );
        check(
            &settings(),
            || tracing::warn!(client.id = "a\nlevel=error", empty = "", "x"),
            "time= level=warning msg=x client.id=\"a\\nlevel=error\" empty=\"\"\n",
        );
    }

    #[test]
    fn json_lines_begin_with_time_level_and_message() {
        check(
            &settings().format("json"),
            || tracing::error!(error = %"a \"b\"", "failed"),
            "{\"time\":\"\",\"level\":\"error\",\"msg\":\"failed\",\"error\":\"a \\\"b\\\"\"}\n",
        );
        check(
            &settings().format("json_pretty"),
            || tracing::info!(n = 1, "x"),
            "{\n  \"time\": \"\",\n  \"level\": \"info\",\n  \"msg\": \"x\",\n  \"n\": 1\n}\n",
        );
    }

    #[test]
    fn spans_lend_their_fields_and_the_nearest_wins() {
        check(
            &settings(),
            || {
                let outer = tracing::info_span!(
                    span::REQUEST,
                    { field::REQUEST_ID } = "r1",
                    client.id = "outer",
                    http.status = tracing::field::Empty
                );
                let _outer = outer.enter();
                outer.record("http.status", 200);
                let inner = tracing::info_span!(span::TOKEN, client.id = "inner");
                let _inner = inner.enter();
                tracing::info!("done");
            },
            "time= level=info msg=done client.id=inner request.id=r1 http.status=200 \
             span=oauth.token\n",
        );
    }

    #[test]
    fn the_threshold_holds_and_foreign_crates_only_warn() {
        let log = || {
            tracing::error!("e");
            tracing::warn!("w");
            tracing::info!("i");
            tracing::debug!("d");
            tracing::info!(target: "hyper::proto", "foreign");
            tracing::error!(target: "hyper::proto", "foreign");
        };
        for (level, expected) in [
            ("fatal", ""),
            ("panic", ""),
            ("error", "error e, error foreign"),
            ("warn", "error e, warning w, error foreign"),
            ("info", "error e, warning w, info i, error foreign"),
            (
                "debug",
                "error e, warning w, info i, debug d, error foreign",
            ),
            ("loud", "error e, warning w, info i, error foreign"),
        ] {
            let lines: String = expected
                .split(", ")
                .filter_map(|line| line.split_once(' '))
                .map(|(level, text)| format!("time= level={level} msg={text}\n"))
                .collect();
            check(&settings().level(level), log, &lines);
        }
    }

    #[test]
    fn at_trace_level_lines_name_their_place() {
        let line = line!() + 3;
        check(
            &settings().level("trace"),
            || tracing::trace!("x"),
            &format!("time= level=trace msg=x file={}:{line}\n", file!()),
        );
    }
}
