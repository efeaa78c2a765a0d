use crate::reader::Reader;
use crate::schema::{Initial, Key, Kind, key};
use crate::word::words;

pub(crate) const KEYS: &[Key] = &[
    key(
        "log.level",
        Kind::OneOf(LogLevel::WORDS),
        "Threshold of the log.",
    )
    .or(Initial::Text("info")),
    key(
        "log.format",
        Kind::OneOf(LogFormat::WORDS),
        "Layout of the log lines.",
    )
    .or(Initial::Text("text")),
    key(
        "log.leak_sensitive_values",
        Kind::Bool,
        "Log query strings and the headers Authorization, Cookie and Set-Cookie as they are.",
    )
    .or(Initial::Bool(false)),
    key(
        "log.redaction_text",
        Kind::Text,
        "What stands in the log in place of a sensitive value.",
    )
    .or(Initial::Text(REDACTION_TEXT)),
];

const REDACTION_TEXT: &str = "Value is sensitive and has been redacted. To see the value set \
    config key \"log.leak_sensitive_values = true\" or environment variable \
    \"LOG_LEAK_SENSITIVE_VALUES=true\".";

words! {
    /// `log.level`: what is logged, from little to much.
    LogLevel {
        /// Only what ends the process.
        Panic = "panic",
        /// Only what ends the process.
        Fatal = "fatal",
        /// What someone must act upon.
        Error = "error",
        /// What may need attention.
        Warn = "warn",
        /// The ordinary course.
        Info = "info",
        /// What helps to find a fault.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    } or Info
}

words! {
    /// `log.format`: the layout of log lines.
    LogFormat {
        /// One JSON object a line.
        Json = "json",
        /// Indented JSON objects.
        JsonPretty = "json_pretty",
        /// Names and values for the eye.
        Text = "text",
    } or Text
}

/// `log.*`.
#[derive(Clone, Debug)]
pub struct Log {
    /// The threshold.
    pub level: LogLevel,
    /// The layout of lines.
    pub format: LogFormat,
    /// Whether sensitive values are logged as they are.
    pub leak_sensitive_values: bool,
    /// What is logged in place of a sensitive value.
    pub redaction_text: String,
}

impl Log {
    pub(crate) fn read(read: &Reader<'_>) -> Self {
        Self {
            level: LogLevel::read(&read.text("log.level")),
            format: LogFormat::read(&read.text("log.format")),
            leak_sensitive_values: read.flag("log.leak_sensitive_values"),
            // An empty text would leave holes in the log, so it counts as unset.
            redaction_text: read
                .option("log.redaction_text")
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| REDACTION_TEXT.to_owned()),
        }
    }
}
