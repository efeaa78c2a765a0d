//! Small rules about claims.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Claims as JSON text, members in alphabetical order throughout, whatever order they were put in:
/// recordings of tokens can be compared byte by byte.
pub(crate) fn sorted_json(claims: Map<String, Value>) -> String {
    Value::Object(sorted_members(claims)).to_string()
}

/// Puts members in alphabetical order, those of members, too.
pub(crate) fn sorted_members(members: Map<String, Value>) -> Map<String, Value> {
    let ordered: BTreeMap<String, Value> = members.into_iter().collect();
    ordered
        .into_iter()
        .map(|(name, value)| (name, sorted(value)))
        .collect()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(sorted_members(members)),
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain => plain,
    }
}

/// Passes numbers through IEEE doubles as Hydra's storage does: 9007199254740993 becomes
/// 9007199254740992.
pub(crate) fn through_doubles(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let exact = number.as_i64().is_some_and(|n| n.unsigned_abs() <= 1 << 53);
            let Some(double) = number.as_f64().filter(|_| !exact) else {
                return;
            };
            // Up to 10^21 an integer is written without exponent.
            let whole = double.fract() == 0.0 && double.abs() < 1e18;
            let rounded = if whole {
                Some(serde_json::Number::from(double as i64))
            } else {
                serde_json::Number::from_f64(double)
            };
            if let Some(rounded) = rounded {
                *number = rounded;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(through_doubles),
        Value::Object(members) => members.values_mut().for_each(through_doubles),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted_at_every_depth() {
        let claims: Map<String, Value> =
            serde_json::from_str(r#"{"b":[{"z":1,"y":2}],"a":{"d":0,"c":0}}"#).unwrap();
        assert_eq!(
            sorted_json(claims),
            r#"{"a":{"c":0,"d":0},"b":[{"y":2,"z":1}]}"#
        );
    }

    #[test]
    fn large_integers_lose_what_doubles_cannot_hold() {
        for (from, to) in [
            ("9007199254740993", "9007199254740992"),
            ("7", "7"),
            ("0.25", "0.25"),
            ("-1", "-1"),
            (
                "[1,{\"a\":9007199254740993}]",
                "[1,{\"a\":9007199254740992}]",
            ),
        ] {
            let mut value: Value = serde_json::from_str(from).unwrap();
            through_doubles(&mut value);
            assert_eq!(value.to_string(), to);
        }
    }
}
