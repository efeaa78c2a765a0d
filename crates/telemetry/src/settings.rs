use tracing::level_filters::LevelFilter;

/// What is logged and how. Made by [`Default`] and the methods that set one thing each.
#[derive(Clone, Debug)]
pub struct LogSettings {
    pub(crate) level: LevelFilter,
    pub(crate) format: Format,
    pub(crate) leak_sensitive_values: bool,
    pub(crate) redaction_text: String,
}

/// The layout of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `time=… level=info msg="…" name=value`.
    Text,
    /// One JSON object a line, with `time`, `level`, `msg` first.
    Json,
    /// The same, indented over several lines.
    JsonPretty,
}

impl Default for LogSettings {
    /// Level `info`, format `text`, sensitive values replaced by `[redacted]`.
    fn default() -> Self {
        Self {
            level: LevelFilter::INFO,
            format: Format::Text,
            leak_sensitive_values: false,
            redaction_text: "[redacted]".to_owned(),
        }
    }
}

impl LogSettings {
    /// Sets the threshold by its word in `log.level`; an unknown word changes nothing.
    ///
    /// Under `panic` and `fatal` there are no lines at all: what ends the process is said by the
    /// command line itself.
    #[must_use]
    pub fn level(mut self, word: &str) -> Self {
        self.level = match word {
            "panic" | "fatal" => LevelFilter::OFF,
            "error" => LevelFilter::ERROR,
            "warn" => LevelFilter::WARN,
            "info" => LevelFilter::INFO,
            "debug" => LevelFilter::DEBUG,
            "trace" => LevelFilter::TRACE,
            _ => self.level,
        };
        self
    }

    /// Sets the layout by its word in `log.format`; an unknown word changes nothing.
    #[must_use]
    pub fn format(mut self, word: &str) -> Self {
        self.format = match word {
            "text" => Format::Text,
            "json" => Format::Json,
            "json_pretty" => Format::JsonPretty,
            _ => self.format,
        };
        self
    }

    /// Sets what stands in place of a sensitive value: `log.redaction_text`.
    #[must_use]
    pub fn redaction_text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.redaction_text);
        self
    }

    /// Sets whether sensitive values are logged as they are: `log.leak_sensitive_values`.
    #[must_use]
    pub fn leak_sensitive_values(mut self, leak: bool) -> Self {
        self.leak_sensitive_values = leak;
        self
    }
}
