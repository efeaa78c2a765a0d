//! From names of environment variables to keys, and from their texts to values.

use std::collections::HashMap;

use serde_json::{Number, Value};

use crate::schema::{Key, Kind, keys};

/// The real environment of the process; variables that are no Unicode are left out.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Elements of a list beyond this index cannot be addressed, so that a name cannot demand memory.
const LAST_INDEX: usize = 255;

/// What one variable sets.
pub(crate) struct Assignment {
    pub(crate) path: String,
    pub(crate) value: Value,
    pub(crate) name: String,
}

enum Target {
    Key(&'static Key),
    Object(&'static str),
}

/// The assignments of all variables that name a key, an object or an element of a list; sections
/// come before what is in them, so that the more exact variable wins.
///
/// A variable sets a key if both, in lower case and with `.` for `_`, are the same.
pub(crate) fn assignments(variables: impl Iterator<Item = (String, String)>) -> Vec<Assignment> {
    let targets = targets();
    let mut found: Vec<Assignment> = variables
        .filter_map(|(name, text)| assignment(&targets, name, &text))
        .collect();
    found.sort_by(|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
    found
}

fn targets() -> HashMap<String, Target> {
    let mut targets = HashMap::new();
    for key in keys() {
        for (at, _) in key.path.match_indices('.') {
            let parent = &key.path[..at];
            targets.insert(parent.replace('_', "."), Target::Object(parent));
        }
    }
    for key in keys() {
        targets.insert(key.path.replace('_', "."), Target::Key(key));
    }
    targets
}

fn assignment(targets: &HashMap<String, Target>, name: String, text: &str) -> Option<Assignment> {
    let dotted = name.to_lowercase().replace('_', ".");
    let (path, value) = match targets.get(&dotted) {
        Some(Target::Key(key)) => (key.path.to_owned(), convert(key.kind, text)),
        Some(Target::Object(path)) => ((*path).to_owned(), json_container(text)),
        None => {
            let (list, index) = dotted.rsplit_once('.')?;
            let Some(Target::Key(key)) = targets.get(list) else {
                return None;
            };
            let index: usize = index.parse().ok().filter(|index| *index <= LAST_INDEX)?;
            matches!(key.kind, Kind::Texts(_)).then_some(())?;
            (format!("{}.{index}", key.path), text.into())
        }
    };
    Some(Assignment { path, value, name })
}

fn convert(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Text
        | Kind::OneOf(_)
        | Kind::Uri
        | Kind::UriReference
        | Kind::HostPort
        | Kind::Version
        | Kind::Duration
        | Kind::DurationOrNever => text.into(),
        // Hydra: what is no truth value counts as false.
        Kind::Bool => matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True").into(),
        Kind::Integer { .. } | Kind::IntegerOf(_) => integer(text).into(),
        Kind::Number => Number::from_f64(text.trim().parse().unwrap_or_default())
            .unwrap_or_else(|| 0.into())
            .into(),
        Kind::Texts(_) => list(text),
    }
}

/// Hydra: text that is no number counts as 0, which the check of the range then refuses. A leading
/// `0`, `0o`, `0x` or `0b` chooses the base.
fn integer(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest)
    } else if let Some(rest) = lower.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        (8, rest)
    } else {
        (10, lower.as_str())
    };
    if digits.starts_with(['+', '-']) {
        return 0;
    }
    i64::from_str_radix(digits, base).map_or(0, |number| sign * number)
}

/// Valid JSON must be an array (or an object, which the check refuses); anything else is one CSV
/// record.
fn list(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => value,
        Ok(_) => Value::Null,
        Err(_) => csv_record(text).map_or(Value::Null, Value::from),
    }
}

fn json_container(text: &str) -> Value {
    serde_json::from_str(text)
        .ok()
        .filter(|value: &Value| value.is_array() || value.is_object())
        .unwrap_or(Value::Null)
}

/// The first CSV record of the text (RFC 4180 §2): blanks and empty fields are kept, a quote inside
/// an unquoted field or behind a quoted one breaks it.
fn csv_record(text: &str) -> Option<Vec<String>> {
    let text = text.trim_start_matches(['\n', '\r']);
    let mut fields = Vec::new();
    if text.is_empty() {
        return Some(fields);
    }
    let mut rest = text;
    loop {
        let field;
        (field, rest) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted_field(quoted)?
        } else {
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            let (field, tail) = rest.split_at(end);
            if field.contains('"') {
                return None;
            }
            let field = if tail.starts_with(',') {
                field
            } else {
                field.trim_end_matches('\r')
            };
            (field.to_owned(), tail)
        };
        fields.push(field);
        match rest.strip_prefix(',') {
            Some(tail) => rest = tail,
            None if rest.trim_start_matches('\r').is_empty() || rest.starts_with(['\n', '\r']) => {
                return Some(fields);
            }
            None => return None,
        }
    }
}

fn quoted_field(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (part, tail) = rest.split_once('"')?;
        field.push_str(part);
        match tail.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, tail)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(name: &str, text: &str, expected: Option<(&str, Value)>) {
        let set = assignments([(name.to_owned(), text.to_owned())].into_iter());
        let set = set.first().map(|a| format!("{}={}", a.path, a.value));
        let expected = expected.map(|(path, value)| format!("{path}={value}"));
        assert_eq!(set, expected, "{name}={text}");
    }

    #[test]
    fn names_match_in_any_case_and_without_prefix() {
        check("DSN", "memory", Some(("dsn", json!("memory"))));
        check("Ttl_Id_Token", "1m", Some(("ttl.id_token", json!("1m"))));
        check(
            "oauth2_exclude_not_before_claim",
            "TRUE",
            Some(("oauth2.exclude_not_before_claim", json!(true))),
        );
        check("HYDRA_TTL_ID_TOKEN", "1m", None);
        check("URLS_SELF_UNKNOWN", "x", None);
        check("TTL_ID_TOKEN_0", "x", None);
        check(
            "SECRETS_SYSTEM_0",
            "7",
            Some(("secrets.system.0", json!("7"))),
        );
        check("SECRETS_SYSTEM_256", "x", None);
        check("SECRETS_SYSTEM_-1", "x", None);
    }

    #[test]
    fn texts_are_converted_by_the_kind_of_the_key() {
        for (text, number) in [
            ("80", 80),
            ("tcp://10.0.0.1:80", 0),
            ("", 0),
            ("-5", -5),
            ("0755", 0o755),
            ("0o755", 0o755),
            ("0x10", 16),
            ("0", 0),
            ("--5", 0),
            ("99999999999999999999", 0),
        ] {
            let path = "serve.public.port";
            check("SERVE_PUBLIC_PORT", text, Some((path, json!(number))));
        }
        for (text, value) in [("1", true), ("t", true), ("0", false), ("perhaps", false)] {
            check("DEV", text, Some(("dev", json!(value))));
        }
        for (text, value) in [
            ("a, b ,,c", json!(["a", " b ", "", "c"])),
            ("\"a, b\",c", json!(["a, b", "c"])),
            ("\"say \"\"x\"\"\",y", json!(["say \"x\"", "y"])),
            ("a\nb", json!(["a"])),
            ("a\"b", json!(null)),
            ("\"a\"b", json!(null)),
            ("\"open", json!(null)),
            ("[\"a\",\"b c\"]", json!(["a", "b c"])),
            ("[]", json!([])),
            ("", json!([])),
            ("1234567890123456", json!(null)),
            ("true", json!(null)),
            ("\"quoted\"", json!(null)),
            ("{\"a\":1}", json!({"a": 1})),
        ] {
            check("SECRETS_SYSTEM", text, Some(("secrets.system", value)));
        }
        check("LOG", "/var/log", Some(("log", json!(null))));
        check(
            "LOG",
            "{\"level\":\"debug\"}",
            Some(("log", json!({"level": "debug"}))),
        );
        check("TTL", "[1]", Some(("ttl", json!([1]))));
    }

    #[test]
    fn the_more_exact_variable_wins() {
        let set = assignments(
            [("TTL_ID_TOKEN", "1m"), ("TTL", "{}")]
                .map(|(n, t)| (n.to_owned(), t.to_owned()))
                .into_iter(),
        );
        let paths: Vec<&str> = set.iter().map(|a| a.path.as_str()).collect();
        assert_eq!(paths, ["ttl", "ttl.id_token"]);
    }
}
