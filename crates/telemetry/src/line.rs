//! One log line: what is in it, and its two layouts.

use std::error::Error;
use std::fmt::{self, Write as _};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use tracing::field::{Field, Visit};

use crate::settings::Format;

/// Fields of an event or a span, in the order given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) Vec<(&'static str, Value)>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.set(field.name(), value);
    }

    /// Sets a field; one of the same name is replaced.
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes a field out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(at).1)
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, value.to_string().into());
    }
}

/// A line about to be written.
pub(crate) struct Line {
    /// RFC 3339.
    pub(crate) time: String,
    pub(crate) level: &'static str,
    pub(crate) message: Value,
    pub(crate) fields: Fields,
}

impl Line {
    /// The whole text with its end of line.
    pub(crate) fn render(&self, format: Format) -> String {
        let json = match format {
            Format::Text => return self.text(),
            Format::Json => serde_json::to_string(self),
            Format::JsonPretty => serde_json::to_string_pretty(self),
        };
        // Values that are JSON already always make JSON; should they not, the text will do.
        json.map_or_else(|_| self.text(), |json| json + "\n")
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        let fields = self.fields.0.iter().map(|(name, value)| (*name, value));
        std::iter::once(("msg", &self.message)).chain(fields)
    }

    fn text(&self) -> String {
        let mut line = format!("time={} level={}", self.time, self.level);
        for (name, value) in self.entries() {
            // Writing into a `String` does not fail.
            let _ = match value {
                Value::String(text) if is_bare(text) => write!(line, " {name}={text}"),
                Value::String(text) => write!(line, " {name}={text:?}"),
                value => write!(line, " {name}={value}"),
            };
        }
        line.push('\n');
        line
    }
}

/// Whether a text can stand without quotes. What a caller sent cannot forge a line or a field.
fn is_bare(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '=' | '\\');
    !text.is_empty() && text.chars().all(plain)
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &self.time)?;
        map.serialize_entry("level", self.level)?;
        for (name, value) in self.entries() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
