use std::collections::BTreeMap;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// An object written with its members in alphabetical order at every level, as Go writes maps;
/// [`Map`] itself keeps the order in which they were put in.
#[derive(Clone, Copy, Debug)]
pub struct Sorted<'a>(pub &'a Map<String, Value>);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members: BTreeMap<&String, &Value> = self.0.iter().collect();
        let mut map = serializer.serialize_map(Some(members.len()))?;
        for (name, value) in members {
            map.serialize_entry(name, &Item(value))?;
        }
        map.end()
    }
}

/// A value inside of a sorted object.
struct Item<'a>(&'a Value);

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => Sorted(members).serialize(serializer),
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Item(item))?;
                }
                list.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

/// For members that are such objects.
pub(crate) fn sorted<S: Serializer>(
    map: &&Map<String, Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Sorted(map).serialize(serializer)
}

/// For members that may be left out.
pub(crate) fn sorted_if_any<S: Serializer>(
    map: &Option<&Map<String, Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    map.map(Sorted).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::Sorted;
    use crate::to_go_json;

    #[test]
    fn members_are_sorted_at_every_level() {
        let text = r#"{"b":[{"d":1,"c":2}],"a":{"f":null,"e":"<"},"B":true}"#;
        let map = serde_json::from_str(text).unwrap();
        assert_eq!(
            to_go_json(&Sorted(&map)),
            r#"{"B":true,"a":{"e":"\u003c","f":null},"b":[{"c":2,"d":1}]}"#
        );
    }
}
