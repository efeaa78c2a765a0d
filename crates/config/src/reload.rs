use serde_json::Value;

use crate::mask;
use crate::schema::child;
use crate::settings::Settings;

/// Keys that cannot change while the process runs.
const IMMUTABLE: [&str; 4] = ["log", "serve", "dsn", "profiling"];

/// A change of a key that needs a restart; the whole reload is then to be dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The dotted key.
    pub key: String,
    /// The value in force, secrets masked.
    pub old: String,
    /// The value asked for, secrets masked.
    pub new: String,
}

impl Settings {
    /// The first key under `log`, `serve`, `dsn` or `profiling` in which `next` differs.
    #[must_use]
    pub fn immutable_change(&self, next: &Self) -> Option<Change> {
        IMMUTABLE
            .iter()
            .find_map(|path| difference(path, self.document.get(path), next.document.get(path)))
    }
}

fn difference(path: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Change> {
    if old == new {
        return None;
    }
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (old, new) {
        let names = before.keys().chain(after.keys());
        return names
            .map(|name| difference(&child(path, name), before.get(name), after.get(name)))
            .find_map(|change| change);
    }
    let show = |value: Option<&Value>| {
        value.map_or_else(|| "(unset)".to_owned(), |value| mask::show(path, value))
    };
    Some(Change {
        key: path.to_owned(),
        old: show(old),
        new: show(new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(next: Value, expected: Option<(&str, &str, &str)>) {
        let before = json!({"dsn": "memory", "ttl": {"id_token": "1h"}});
        let before = Settings::from_value(before).expect("valid");
        let next = Settings::from_value(next).expect("valid");
        let change = before.immutable_change(&next);
        let change = change
            .as_ref()
            .map(|c| (c.key.as_str(), c.old.as_str(), c.new.as_str()));
        assert_eq!(change, expected);
    }

    #[test]
    fn only_log_serve_dsn_and_profiling_cannot_change() {
        check(json!({"dsn": "memory", "ttl": {"id_token": "2h"}}), None);
        check(
            json!({"dsn": "memory", "serve": {"public": {"port": 5444}}}),
            Some(("serve.public.port", "4444", "5444")),
        );
        check(
            json!({"dsn": "memory", "profiling": "cpu"}),
            Some(("profiling", "(unset)", "cpu")),
        );
        check(
            json!({"dsn": "postgres://u:p@h/d"}),
            Some(("dsn", "[masked, 6 characters]", "[masked, 18 characters]")),
        );
    }
}
