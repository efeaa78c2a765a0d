//! YAML with the rules operators of Hydra are used to, and the line of every key.
//!
//! Scalars are resolved as Hydra's parser does: `0755` is octal, `yes` and `on` are texts, `<<`
//! merges. A key that stands twice in a mapping is an error.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value};

use crate::schema::child;

/// How deep collections may nest.
const DEPTH: usize = 64;
/// How many values a document may have once its aliases are written out.
const NODES: usize = 100_000;

/// A document and where its keys stand.
pub(crate) struct Parsed {
    pub(crate) value: Value,
    /// Dotted path to line, counted from 1.
    pub(crate) lines: HashMap<String, usize>,
}

/// Reads the first document of the text; an empty text is `null`.
///
/// Hydra: further documents are ignored.
pub(crate) fn parse(text: &str) -> Result<Parsed, String> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            format!(
                "{} (line {}, column {})",
                error.info(),
                at.line(),
                at.col() + 1
            )
        })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder
            .take(event, span)
            .map_err(|cause| format!("{cause} (line {})", span.start.line()))?;
    }
    Ok(Parsed {
        value: builder.root.unwrap_or(Value::Null),
        lines: builder.lines,
    })
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    anchors: HashMap<usize, Value>,
    lines: HashMap<String, usize>,
    nodes: usize,
}

/// A collection that has begun and not ended.
struct Open {
    path: String,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Value>),
    Mapping {
        entries: Map<String, Value>,
        /// The key whose value comes next.
        key: Option<Name>,
        /// What `<<` brings in, the first having precedence.
        merged: Vec<Map<String, Value>>,
    },
}

enum Name {
    Text(String),
    Merge,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                if self.name_expected() {
                    return self.name(&text, plain, span);
                }
                let value = if plain {
                    plain_scalar(&text, tag.as_deref())
                } else {
                    (&*text).into()
                };
                self.add(value, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, Content::Sequence(Vec::new())),
            Event::MappingStart(anchor, _) => self.begin(
                anchor,
                Content::Mapping {
                    entries: Map::new(),
                    key: None,
                    merged: Vec::new(),
                },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                let value = value.ok_or("an alias to something that is not complete")?;
                self.nodes += count(&value);
                self.add(value, 0)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn name_expected(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Mapping { key: None, .. },
                ..
            })
        )
    }

    fn name(&mut self, text: &str, plain: bool, span: Span) -> Result<(), String> {
        let Some(Open {
            path,
            content: Content::Mapping { entries, key, .. },
            ..
        }) = self.open.last_mut()
        else {
            return Ok(());
        };
        if plain && text == "<<" {
            *key = Some(Name::Merge);
            return Ok(());
        }
        if entries.contains_key(text) {
            return Err(format!("the key `{}` stands twice", child(path, text)));
        }
        self.lines.insert(child(path, text), span.start.line());
        *key = Some(Name::Text(text.to_owned()));
        Ok(())
    }

    fn begin(&mut self, anchor: usize, content: Content) -> Result<(), String> {
        if self.name_expected() {
            return Err("a key that is no text".to_owned());
        }
        if self.open.len() >= DEPTH {
            return Err(format!("more than {DEPTH} levels"));
        }
        let path = match self.open.last() {
            None => String::new(),
            Some(open) => match &open.content {
                Content::Sequence(items) => child(&open.path, &items.len().to_string()),
                Content::Mapping {
                    key: Some(Name::Text(name)),
                    ..
                } => child(&open.path, name),
                Content::Mapping { .. } => child(&open.path, "<<"),
            },
        };
        self.open.push(Open {
            path,
            anchor,
            content,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.content {
            Content::Sequence(items) => Value::Array(items),
            Content::Mapping {
                mut entries,
                merged,
                ..
            } => {
                for (name, value) in merged.into_iter().flatten() {
                    entries.entry(name).or_insert(value);
                }
                Value::Object(entries)
            }
        };
        self.add(value, open.anchor)
    }

    fn add(&mut self, value: Value, anchor: usize) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > NODES {
            return Err(format!("more than {NODES} values"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(value),
            Some(Content::Sequence(items)) => items.push(value),
            Some(Content::Mapping {
                entries,
                key,
                merged,
            }) => match key.take() {
                None => return Err("a key that is no text".to_owned()),
                Some(Name::Text(name)) => {
                    entries.insert(name, value);
                }
                Some(Name::Merge) => merged.extend(maps(value)?),
            },
        }
        Ok(())
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

fn maps(value: Value) -> Result<Vec<Map<String, Value>>, String> {
    let items = match value {
        Value::Array(items) => items,
        other => vec![other],
    };
    items
        .into_iter()
        .map(|item| match item {
            Value::Object(map) => Ok(map),
            _ => Err("`<<` merges mappings only".to_owned()),
        })
        .collect()
}

fn plain_scalar(text: &str, tag: Option<&Tag>) -> Value {
    if tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str") {
        return text.into();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => integer(text)
            .or_else(|| float(text))
            .map_or_else(|| text.into(), Value::Number),
    }
}

fn integer(text: &str) -> Option<Number> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let (base, digits) = match digits.get(..2) {
        Some("0x") => (16, digits.get(2..)?),
        Some("0b") => (2, digits.get(2..)?),
        Some("0o") => (8, digits.get(2..)?),
        Some(two) if two.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits.as_str()),
    };
    i64::from_str_radix(&format!("{sign}{digits}"), base)
        .ok()
        .map(Number::from)
}

fn float(text: &str) -> Option<Number> {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if !text.chars().all(number) || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().and_then(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: Result<Value, &str>) {
        match (parse(text), expected) {
            (Ok(parsed), Ok(value)) => assert_eq!(parsed.value, value, "{text}"),
            (Err(cause), Err(part)) => assert!(cause.contains(part), "{text}: {cause}"),
            (parsed, expected) => {
                panic!("{text}: {:?}, not {expected:?}", parsed.map(|p| p.value));
            }
        }
    }

    #[test]
    fn scalars_are_resolved_as_operators_know_them() {
        for (text, value) in [
            ("493", json!(493)),
            ("0755", json!(493)),
            ("0o755", json!(493)),
            ("0x1F", json!(31)),
            ("1_000", json!(1000)),
            ("-1", json!(-1)),
            ("0", json!(0)),
            ("4444.5", json!(4444.5)),
            ("1e3", json!(1000.0)),
            ("'-1'", json!("-1")),
            ("\"4444\"", json!("4444")),
            ("!!str 4444", json!("4444")),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("True", json!(true)),
            ("~", json!(null)),
            ("", json!(null)),
            ("1h", json!("1h")),
            ("127.0.0.1", json!("127.0.0.1")),
            ("2022-12-08", json!("2022-12-08")),
            (".", json!(".")),
        ] {
            check(&format!("a: {text}"), Ok(json!({ "a": value })));
        }
    }

    #[test]
    fn mappings_merge_and_never_name_a_key_twice() {
        check(
            "base: &b {x: 1, y: 2}\nmore:\n  <<: *b\n  y: 3\n",
            Ok(json!({"base": {"x": 1, "y": 2}, "more": {"x": 1, "y": 3}})),
        );
        check(
            "a: {b: &x [1], c: *x}",
            Ok(json!({"a": {"b": [1], "c": [1]}})),
        );
        check(
            "dsn: a\nttl: {}\ndsn: b\n",
            Err("the key `dsn` stands twice (line 3)"),
        );
        check(
            "a:\n  b: 1\n  b: 2\n",
            Err("the key `a.b` stands twice (line 3)"),
        );
        check("? [a]\n: b\n", Err("a key that is no text"));
        check("<<: 1\n", Err("`<<` merges mappings only"));
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        check("a: [", Err("(line "));
        check("a: *nobody", Err("(line "));
        check("", Ok(json!(null)));
        check("# nothing\n", Ok(json!(null)));
        check("a: 1\n---\na: 2\n", Ok(json!({"a": 1})));
    }

    #[test]
    fn documents_cannot_grow_without_bound() {
        let deep = "[".repeat(100);
        check(&deep, Err("levels"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..8 {
            let before = level - 1;
            let items = vec![format!("*a{before}"); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        check(&bomb, Err("values"));
    }

    #[test]
    fn every_key_knows_its_line() {
        let lines = parse("dsn: memory\nserve:\n  public:\n\n    port: 1\n").map(|p| p.lines);
        let lines = lines.unwrap_or_default();
        assert_eq!(lines.get("dsn"), Some(&1));
        assert_eq!(lines.get("serve.public"), Some(&3));
        assert_eq!(lines.get("serve.public.port"), Some(&5));
    }
}
