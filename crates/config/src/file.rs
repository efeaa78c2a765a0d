use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{ConfigError, Source};
use crate::yaml;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// A configuration file, parsed.
pub(crate) struct File<'a> {
    path: &'a Path,
    lines: HashMap<String, usize>,
}

impl File<'_> {
    /// Where the value at a dotted path stands.
    pub(crate) fn source(&self, path: &str) -> Source {
        let mut at = path;
        let line = loop {
            match (self.lines.get(at), at.rsplit_once('.')) {
                (Some(line), _) => break Some(*line),
                (None, Some((parent, _))) => at = parent,
                (None, None) => break None,
            }
        };
        Source::File {
            path: self.path.to_owned(),
            line,
        }
    }
}

/// Reads a file; its extension, as written, chooses the format.
pub(crate) fn read(path: &Path) -> Result<(Value, File<'_>), ConfigError> {
    let (value, lines) = parse(path).map_err(|cause| ConfigError::File {
        path: path.to_owned(),
        cause,
    })?;
    Ok((value, File { path, lines }))
}

fn parse(path: &Path) -> Result<(Value, HashMap<String, usize>), String> {
    let extension = path.extension().and_then(|e| e.to_str());
    let mut lines = HashMap::new();
    let value = match extension {
        Some("yaml" | "yml") => {
            let parsed = yaml::parse(&text(path)?)?;
            lines = parsed.lines;
            match parsed.value {
                Value::Null => Value::Object(Map::new()),
                value => value,
            }
        }
        Some("json") => serde_json::from_str(&text(path)?).map_err(|error| error.to_string())?,
        Some("toml") => toml(&text(path)?)?,
        other => {
            let dot = if other.is_some() { "." } else { "" };
            return Err(format!(
                "unknown config file extension: {dot}{} (known: .yaml, .yml, .json, .toml)",
                other.unwrap_or_default()
            ));
        }
    };
    if value.is_object() {
        Ok((value, lines))
    } else {
        Err("the document is not a mapping of keys to values".to_owned())
    }
}

fn text(path: &Path) -> Result<String, String> {
    let say = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::InvalidData => "the file is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(say)?;
    let read = file.take(LARGEST + 1).read_to_string(&mut text);
    if u64::try_from(text.len()).is_ok_and(|size| size > LARGEST) {
        return Err(format!("the file is larger than {LARGEST} bytes"));
    }
    read.map_err(say)?;
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

fn toml(text: &str) -> Result<Value, String> {
    // The parser's own `Display` quotes the line, which may hold a secret.
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        format!("{} (line {line})", error.message())
    })?;
    Ok(from_toml(toml::Value::Table(table)))
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(name, value)| (name, from_toml(value)))
            .collect(),
    }
}
