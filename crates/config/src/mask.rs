//! Values as they may be shown: one line, not too long, no secrets.

use serde_json::Value;

use crate::schema::{Node, child, is_below, keys, node};

const LONGEST: usize = 120;

/// The value found at a path, fit for a message.
pub(crate) fn show(path: &str, value: &Value) -> String {
    let shown = match (hides(path), value) {
        (true, Value::Null) => "null".to_owned(),
        (true, Value::String(text)) => format!("[masked, {} characters]", text.chars().count()),
        (true, Value::Array(items)) => format!("[masked, {} values]", items.len()),
        (true, _) => "[masked]".to_owned(),
        (false, Value::String(text)) if !text.contains(char::is_control) => text.clone(),
        (false, Value::Object(map)) => {
            let members: Vec<String> = map
                .iter()
                .map(|(name, value)| format!("{name:?}:{}", nested(&child(path, name), value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        (false, value) => value.to_string(),
    };
    if shown.chars().count() <= LONGEST {
        return shown;
    }
    let start: String = shown.chars().take(LONGEST).collect();
    format!("{start}…")
}

fn nested(path: &str, value: &Value) -> String {
    match value {
        Value::String(text) if !hides(path) => format!("{text:?}"),
        _ => show(path, value),
    }
}

/// Whether a value at this path may hold a secret: that of a secret key and its elements, of a key
/// that nobody knows, and what stands in place of a section with secrets.
fn hides(path: &str) -> bool {
    if path.is_empty() {
        return false;
    }
    let key = keys().find(|key| key.path == path || is_below(path, key.path));
    match key {
        Some(key) => key.secret,
        None => matches!(node(path), Node::Unknown),
    }
}

/// Like [`show`], for a value that is no object where an object should be.
pub(crate) fn show_instead_of_section(path: &str, value: &Value) -> String {
    let secret_inside = keys().any(|key| key.secret && is_below(key.path, path));
    match value {
        Value::Null => "null".to_owned(),
        _ if secret_inside => "[masked]".to_owned(),
        _ => show(path, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_never_shown() {
        for (path, value, shown) in [
            ("secrets.system", json!("abc"), "[masked, 3 characters]"),
            ("secrets.system.0", json!("abc"), "[masked, 3 characters]"),
            ("secrets.system", json!(["abc"]), "[masked, 1 values]"),
            ("dsn", json!(1), "[masked]"),
            (
                "secrets",
                json!({"system": ["abc"], "sytem": "def"}),
                r#"{"system":[masked, 1 values],"sytem":[masked, 3 characters]}"#,
            ),
            ("log.level", json!("loud"), "loud"),
            ("log.level", json!("a\nb"), "\"a\\nb\""),
            ("log", json!({"level": "x"}), r#"{"level":"x"}"#),
            ("log", json!(null), "null"),
            ("ttl", json!([]), "[]"),
        ] {
            assert_eq!(show(path, &value), shown);
        }
        assert_eq!(
            show_instead_of_section("secrets", &json!("abc")),
            "[masked]"
        );
        assert_eq!(show_instead_of_section("ttl", &json!("abc")), "abc");
    }

    #[test]
    fn long_values_are_cut() {
        let shown = show("log.level", &json!("é".repeat(500)));
        assert_eq!(shown.chars().count(), LONGEST + 1);
    }
}
