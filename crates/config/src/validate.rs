//! The check of the merged configuration against the table of keys, in the words of Hydra's.

use serde_json::Value;

use crate::document::Document;
use crate::duration;
use crate::error::{Finding, Source};
use crate::mask;
use crate::schema::{Item, Key, Kind, Node, child, children, is_open, node};
use crate::uri;

/// Everything that is wrong.
pub(crate) fn check(document: &Document) -> Vec<Finding> {
    let mut check = Check {
        document,
        findings: Vec::new(),
    };
    if let Some(root) = document.get("") {
        check.visit("", root);
    }
    check.salt();
    check.findings
}

struct Check<'a> {
    document: &'a Document,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn visit(&mut self, path: &str, value: &Value) {
        match (node(path), value) {
            (Node::Key(key), _) => self.key(key, value),
            (Node::Object, Value::Object(map)) => {
                let unknown: Vec<&str> = map
                    .keys()
                    .map(String::as_str)
                    .filter(|name| matches!(node(&child(path, name)), Node::Unknown))
                    .collect();
                if !unknown.is_empty() && !is_open(path) {
                    self.unknown(path, value, &unknown);
                }
                if is_pem(path) && map.contains_key("path") == map.contains_key("base64") {
                    self.add(
                        path,
                        value,
                        "oneOf failed".to_owned(),
                        "either `path` or `base64`".to_owned(),
                    );
                }
                for (name, value) in map {
                    self.visit(&child(path, name), value);
                }
            }
            (Node::Object, _) => {
                let mut expected = "a section with keys".to_owned();
                if let (Source::Variable(_), Value::Null) = (self.document.source(path), value) {
                    expected.push_str(
                        " as a JSON object; unset or rename the variable if it belongs to \
                         something else",
                    );
                }
                let shown = mask::show_instead_of_section(path, value);
                self.push(path, shown, wrong_type("object", value), expected, path);
            }
            (Node::Unknown, _) => {}
        }
    }

    fn key(&mut self, key: &Key, value: &Value) {
        for fault in faults(key.kind, value) {
            let (path, value) = match fault.at {
                Some(at) => (child(key.path, &at.to_string()), value.get(at)),
                None => (key.path.to_owned(), Some(value)),
            };
            let value = value.unwrap_or(&Value::Null);
            self.add(&path, value, fault.message, expectation(key.kind));
        }
    }

    fn unknown(&mut self, path: &str, value: &Value, unknown: &[&str]) {
        let names: Vec<String> = unknown.iter().map(|name| format!("{name:?}")).collect();
        let known = children(path);
        let close = unknown
            .first()
            .and_then(|name| known.iter().find(|known| is_close(name, known)));
        let expected = match close {
            Some(name) => format!("`{name}` perhaps; known here: {}", known.join(", ")),
            None => format!("one of the known keys: {}", known.join(", ")),
        };
        let shown = mask::show(path, value);
        let first = unknown.first().copied().unwrap_or_default();
        self.push(
            path,
            shown,
            format!("additionalProperties {} not allowed", names.join(", ")),
            expected,
            &child(path, first),
        );
    }

    /// Pairwise subjects cannot be made without a salt.
    fn salt(&mut self) {
        const PARENT: &str = "oidc.subject_identifiers";
        let types = self
            .document
            .get("oidc.subject_identifiers.supported_types");
        let pairwise = types
            .and_then(Value::as_array)
            .is_some_and(|types| types.iter().any(|t| t == "pairwise"));
        let section = self.document.get("oidc.subject_identifiers.pairwise");
        match (pairwise, self.document.get(PARENT), section) {
            (true, Some(parent), None) => self.add(
                PARENT,
                parent,
                "if-then failed".to_owned(),
                "a section `pairwise` with a `salt` of at least 8 bytes".to_owned(),
            ),
            (true, _, Some(Value::Object(section))) if !section.contains_key("salt") => self.push(
                "oidc.subject_identifiers.pairwise.salt",
                "(missing)".to_owned(),
                "one or more required properties are missing".to_owned(),
                "a text of at least 8 bytes".to_owned(),
                "oidc.subject_identifiers.pairwise",
            ),
            _ => {}
        }
    }

    fn add(&mut self, path: &str, value: &Value, message: String, expected: String) {
        self.push(path, mask::show(path, value), message, expected, path);
    }

    fn push(&mut self, path: &str, value: String, message: String, expected: String, source: &str) {
        self.findings.push(Finding {
            path: if path.is_empty() { "(root)" } else { path }.to_owned(),
            value,
            message,
            expected,
            source: self.document.source(source),
        });
    }
}

fn is_pem(path: &str) -> bool {
    path.ends_with(".tls.cert") || path.ends_with(".tls.key")
}

/// Something wrong with a value, or with one element of a list.
pub(crate) struct Fault {
    at: Option<usize>,
    message: String,
}

/// What is wrong with a value of this kind; nothing if it is allowed.
pub(crate) fn faults(kind: Kind, value: &Value) -> Vec<Fault> {
    let Kind::Texts(item) = kind else {
        let message = scalar_fault(kind, value);
        return message
            .map(|message| Fault { at: None, message })
            .into_iter()
            .collect();
    };
    let Value::Array(items) = value else {
        return vec![Fault {
            at: None,
            message: wrong_type("array", value),
        }];
    };
    let mut faults: Vec<Fault> = (0..)
        .zip(items)
        .filter_map(|(at, value)| {
            let message = item_fault(item, value)?;
            Some(Fault {
                at: Some(at),
                message,
            })
        })
        .collect();
    if let (Item::Origin, Some((first, second))) = (item, equal_items(items)) {
        faults.push(Fault {
            at: None,
            message: format!("items at index {first} and {second} are equal"),
        });
    }
    faults
}

fn equal_items(items: &[Value]) -> Option<(usize, usize)> {
    (0..items.len()).find_map(|second| {
        let first = items
            .iter()
            .position(|item| Some(item) == items.get(second))?;
        (first < second).then_some((first, second))
    })
}

fn item_fault(item: Item, value: &Value) -> Option<String> {
    let Value::String(text) = value else {
        return Some(wrong_type("string", value));
    };
    let length = text.chars().count();
    match item {
        Item::MinLength(least) if length < least => {
            Some(format!("length must be >= {least}, but got {length}"))
        }
        Item::OneOf(words) => unlisted(words, text),
        Item::Origin if !uri::is_origin(text) => Some("anyOf failed".to_owned()),
        Item::Cidr if !uri::is_cidr(text) => Some("anyOf failed".to_owned()),
        Item::Any | Item::MinLength(_) | Item::Origin | Item::Cidr => None,
    }
}

fn scalar_fault(kind: Kind, value: &Value) -> Option<String> {
    match kind {
        Kind::Bool => (!value.is_boolean()).then(|| wrong_type("boolean", value)),
        Kind::Integer { min, max } => match value.as_i64() {
            None => Some(wrong_type("integer", value)),
            Some(number) if number < min => Some(format!("must be >= {min} but found {number}")),
            Some(number) if number > max => Some(format!("must be <= {max} but found {number}")),
            Some(_) => None,
        },
        Kind::IntegerOf(allowed) => match value.as_i64() {
            None => Some(wrong_type("integer", value)),
            Some(number) if allowed.contains(&number) => None,
            Some(_) => Some(format!("value must be one of {}", numbers(allowed))),
        },
        Kind::Number => match value.as_f64() {
            None => Some(wrong_type("number", value)),
            Some(number) if number < 0.0 => Some(format!("must be >= 0 but found {number}")),
            Some(_) => None,
        },
        Kind::DurationOrNever => {
            let never = value.as_i64() == Some(-1) || value.as_str() == Some("-1");
            let fits = never || value.as_str().is_some_and(|t| duration::parse(t).is_some());
            (!fits).then(|| "oneOf failed".to_owned())
        }
        _ => match value {
            Value::String(text) => text_fault(kind, text),
            _ => Some(wrong_type("string", value)),
        },
    }
}

fn text_fault(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::OneOf(words) => unlisted(words, text),
        Kind::Uri if !uri::is_uri(text) => Some(format!("{text:?} is not valid \"uri\"")),
        Kind::UriReference if !uri::is_reference(text) => {
            Some(format!("{text:?} is not valid \"uri-reference\""))
        }
        Kind::HostPort if text.parse::<std::net::SocketAddr>().is_err() && !uri::is_uri(text) => {
            Some("anyOf failed".to_owned())
        }
        Kind::Version if !uri::is_version(text) => {
            Some("does not match pattern \"^v\" and a semantic version".to_owned())
        }
        Kind::Duration if duration::parse(text).is_none() => {
            Some(format!("does not match pattern {:?}", duration::PATTERN))
        }
        _ => None,
    }
}

fn unlisted(words: &[&str], text: &str) -> Option<String> {
    (!words.contains(&text)).then(|| {
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        format!("value must be one of {}", words.join(", "))
    })
}

fn numbers(allowed: &[i64]) -> String {
    let allowed: Vec<String> = allowed.iter().map(i64::to_string).collect();
    allowed.join(", ")
}

fn wrong_type(expected: &str, value: &Value) -> String {
    let got = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("expected {expected}, but got {got}")
}

/// What would be right, in words.
fn expectation(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::OneOf(words) => format!("one of the words {}", words.join(", ")),
        Kind::Uri => "an absolute URL such as https://id.example/".to_owned(),
        Kind::UriReference => "a URL, absolute or relative, without blanks".to_owned(),
        Kind::HostPort => "an address such as 127.0.0.1:6831".to_owned(),
        Kind::Version => "a version such as v2.0.3; unset or rename the variable VERSION if it \
                          belongs to something else"
            .to_owned(),
        Kind::Duration => {
            "a text of whole numbers with units ns, us, ms, s, m, h, such as 1h30m".to_owned()
        }
        Kind::DurationOrNever => "a duration such as 720h, or -1 for \"never ends\"".to_owned(),
        Kind::Bool => "true or false, without quotes".to_owned(),
        Kind::Integer { min, max: i64::MAX } => {
            format!("a whole number from {min} on, without quotes")
        }
        Kind::Integer { min: 0, max: 511 } => {
            "a file mode: octal 0755 in YAML, decimal 493 elsewhere".to_owned()
        }
        Kind::Integer { min, max } => {
            format!("a whole number from {min} to {max}, without quotes")
        }
        Kind::IntegerOf(allowed) => format!("one of {}", numbers(allowed)),
        Kind::Number => "a number that is not negative".to_owned(),
        Kind::Texts(item) => {
            let of = match item {
                Item::Any => "texts".to_owned(),
                Item::MinLength(least) => format!("texts of at least {least} characters each"),
                Item::OneOf(words) => format!("words among {}", words.join(", ")),
                Item::Origin => {
                    "different origins such as https://app.example, each `*` or with a scheme and \
                     at most one `*`"
                        .to_owned()
                }
                Item::Cidr => "address blocks such as 10.0.0.0/8".to_owned(),
            };
            format!("a list of {of}; in a variable: comma-separated, or a JSON array")
        }
    }
}

/// Whether two names differ by a slip: at most two letters changed, missing or too many.
fn is_close(a: &str, b: &str) -> bool {
    let b: Vec<char> = b.chars().collect();
    if a.len() > 64 {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    let distance = row.last().copied().unwrap_or_default();
    distance <= 2 && distance * 2 < b.len()
}
