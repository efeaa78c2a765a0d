//! The layers laid over each other, each value with the place it came from.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::error::Source;
use crate::schema::{child, keys};

/// The merged configuration. It holds secrets, so `Debug` shows nothing of it.
#[derive(Clone)]
pub(crate) struct Document {
    root: Value,
    sources: BTreeMap<String, Source>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document([redacted])")
    }
}

impl Document {
    /// The lowest layer: what the schema says.
    pub(crate) fn defaults() -> Self {
        let mut root = Value::Object(Map::new());
        for key in keys() {
            if let Some(value) = key.initial.to_value() {
                put(&mut root, key.path, value);
            }
        }
        Self {
            root,
            sources: BTreeMap::new(),
        }
    }

    /// Lays a file or a flag on top: maps merge, anything else replaces what was there.
    pub(crate) fn merge(&mut self, layer: Value, source: &dyn Fn(&str) -> Source) {
        let mut root = std::mem::take(&mut self.root);
        self.merge_at(&mut root, layer, "", source);
        self.root = root;
    }

    fn merge_at(
        &mut self,
        target: &mut Value,
        layer: Value,
        path: &str,
        source: &dyn Fn(&str) -> Source,
    ) {
        self.sources.insert(path.to_owned(), source(path));
        match (target, layer) {
            (Value::Object(target), Value::Object(layer)) => {
                for (name, value) in layer {
                    let at = child(path, &name);
                    self.merge_at(
                        target.entry(name).or_insert(Value::Null),
                        value,
                        &at,
                        source,
                    );
                }
            }
            (target, layer) => {
                self.forget_below(path);
                self.note_below(&layer, path, source);
                *target = layer;
            }
        }
    }

    fn forget_below(&mut self, path: &str) {
        let from = format!("{path}.");
        let stale: Vec<String> = self
            .sources
            .range(from.clone()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&from))
            .cloned()
            .collect();
        for path in stale {
            self.sources.remove(&path);
        }
    }

    fn note_below(&mut self, value: &Value, path: &str, source: &dyn Fn(&str) -> Source) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(map) => map.iter().map(|(n, v)| (child(path, n), v)).collect(),
            Value::Array(items) => (0..)
                .zip(items)
                .map(|(at, v): (usize, _)| (child(path, &at.to_string()), v))
                .collect(),
            _ => return,
        };
        for (at, value) in children {
            self.sources.insert(at.clone(), source(&at));
            self.note_below(value, &at, source);
        }
    }

    /// Lays the value of an environment variable on top, leaf by leaf.
    ///
    /// Hydra: arrays are overlaid element by element, so a shorter one keeps the tail of what was
    /// there, and empty arrays and objects leave no trace.
    pub(crate) fn overlay(&mut self, path: &str, value: Value, source: &Source) {
        if !has_leaf(&value) {
            return;
        }
        let mut root = std::mem::take(&mut self.root);
        let target = reach(&mut root, path);
        self.overlay_at(target, value, path, source);
        self.root = root;
    }

    fn overlay_at(&mut self, target: &mut Value, value: Value, path: &str, source: &Source) {
        self.sources.insert(path.to_owned(), source.clone());
        let parts: Vec<(String, Value)> = match value {
            Value::Object(map) => map.into_iter().collect(),
            Value::Array(items) => {
                if !target.is_array() {
                    *target = Value::Array(Vec::new());
                }
                (0..)
                    .zip(items)
                    .map(|(at, v): (usize, _)| (at.to_string(), v))
                    .collect()
            }
            leaf => {
                self.forget_below(path);
                *target = leaf;
                return;
            }
        };
        for (name, value) in parts.into_iter().filter(|(_, value)| has_leaf(value)) {
            self.overlay_at(step(target, &name), value, &child(path, &name), source);
        }
    }

    /// The value at a dotted path.
    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        if path.is_empty() {
            return Some(&self.root);
        }
        path.split('.').try_fold(&self.root, |at, name| match at {
            Value::Object(map) => map.get(name),
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Where the value at a path comes from: as exact as is known.
    pub(crate) fn source(&self, path: &str) -> Source {
        let mut path = path;
        loop {
            if let Some(source) = self.sources.get(path) {
                return source.clone();
            }
            path = match path.rsplit_once('.') {
                Some((parent, _)) => parent,
                None if path.is_empty() => return Source::Default,
                None => "",
            };
        }
    }
}

fn has_leaf(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(has_leaf),
        Value::Array(items) => items.iter().any(has_leaf),
        _ => true,
    }
}

fn put(root: &mut Value, path: &str, value: Value) {
    *reach(root, path) = value;
}

fn reach<'a>(root: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(root, step)
}

/// The child of that name, made if need be: an element of an array, else a member of an object.
fn step<'a>(at: &'a mut Value, name: &str) -> &'a mut Value {
    let index = name.parse::<usize>().ok();
    if index.is_some() && !at.is_array() && !at.is_object() {
        *at = Value::Array(Vec::new());
    } else if index.is_none() && !at.is_object() {
        *at = Value::Object(Map::new());
    }
    match (at, index) {
        (Value::Array(items), Some(index)) => {
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            &mut items[index]
        }
        (at, _) => &mut at[name],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variable() -> Source {
        Source::Variable("X".into())
    }

    #[test]
    fn an_overlay_replaces_leaf_by_leaf() {
        for (before, path, value, after) in [
            (
                json!(["A", "B", "C"]),
                "a",
                json!(["X"]),
                json!(["X", "B", "C"]),
            ),
            (json!(["A"]), "a", json!(["X", "Y"]), json!(["X", "Y"])),
            (json!(["A"]), "a", json!([]), json!(["A"])),
            (json!(["A", "B"]), "a.1", json!("X"), json!(["A", "X"])),
            (json!(null), "a.1", json!("X"), json!([null, "X"])),
            (
                json!({"b": 1}),
                "a",
                json!({"c": 2}),
                json!({"b": 1, "c": 2}),
            ),
            (
                json!({"b": 1}),
                "a",
                json!({"b": {}, "c": {}}),
                json!({"b": 1}),
            ),
            (json!({"b": 1}), "a", json!(null), json!(null)),
        ] {
            let mut document = Document::defaults();
            document.merge(json!({ "a": before }), &|_| Source::Given);
            document.overlay(path, value.clone(), &variable());
            assert_eq!(document.get("a"), Some(&after), "{path} {value}");
        }
    }

    #[test]
    fn each_leaf_knows_the_layer_it_came_from() {
        let mut document = Document::defaults();
        document.merge(json!({"secrets": {"system": ["a", "b"]}}), &|_| {
            Source::Given
        });
        document.overlay("secrets.system.0", json!("c"), &variable());
        assert_eq!(document.source("secrets.system.0"), variable());
        assert_eq!(document.source("secrets.system.1"), Source::Given);
        assert_eq!(document.source("ttl.id_token"), Source::Given);
        document.merge(json!({"secrets": {"system": ["d"]}}), &|_| {
            Source::Flag("--x")
        });
        assert_eq!(document.source("secrets.system.0"), Source::Flag("--x"));
        assert!(!document.sources.contains_key("secrets.system.1"));
    }
}
