//! Typed look-ups in the merged document.

use oauth_types::{Duration, Secret};
use serde_json::Value;

use crate::document::Document;
use crate::duration;
use crate::schema::keys;

/// Reads keys by their dotted path. What is missing, or not of the kind asked for because nobody
/// checked, counts as the default.
pub(crate) struct Reader<'a>(pub(crate) &'a Document);

impl Reader<'_> {
    fn get<T>(&self, path: &str, pick: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.0.get(path).and_then(&pick).or_else(|| {
            let key = keys().find(|key| key.path == path)?;
            pick(&key.initial.to_value()?)
        })
    }

    /// A text that may be missing.
    pub(crate) fn option(&self, path: &str) -> Option<String> {
        self.get(path, |value| value.as_str().map(str::to_owned))
    }

    /// A text, empty if there is none.
    pub(crate) fn text(&self, path: &str) -> String {
        self.option(path).unwrap_or_default()
    }

    /// A text that must not be seen.
    pub(crate) fn secret(&self, path: &str) -> Secret {
        Secret::new(self.text(path))
    }

    pub(crate) fn flag(&self, path: &str) -> bool {
        self.option_flag(path).unwrap_or_default()
    }

    /// A truth value that may be missing.
    pub(crate) fn option_flag(&self, path: &str) -> Option<bool> {
        self.get(path, Value::as_bool)
    }

    /// A whole number in the range of the type asked for.
    pub(crate) fn integer<T: TryFrom<i64> + Default>(&self, path: &str) -> T {
        self.get(path, |value| T::try_from(value.as_i64()?).ok())
            .unwrap_or_default()
    }

    pub(crate) fn texts(&self, path: &str) -> Vec<String> {
        self.option_texts(path).unwrap_or_default()
    }

    /// A list that may be missing.
    pub(crate) fn option_texts(&self, path: &str) -> Option<Vec<String>> {
        self.get(path, |value| {
            let items = value.as_array()?;
            Some(
                items
                    .iter()
                    .filter_map(|item| item.as_str().map(str::to_owned))
                    .collect(),
            )
        })
    }

    pub(crate) fn secrets(&self, path: &str) -> Vec<Secret> {
        self.texts(path).into_iter().map(Secret::new).collect()
    }

    pub(crate) fn duration(&self, path: &str) -> Duration {
        self.get(path, |value| duration::parse(value.as_str()?))
            .unwrap_or(Duration::ZERO)
    }

    /// A duration, `None` for -1.
    pub(crate) fn duration_or_never(&self, path: &str) -> Option<Duration> {
        let never = |value: &Value| value.as_i64() == Some(-1) || value.as_str() == Some("-1");
        if self.0.get(path).is_some_and(never) {
            None
        } else {
            Some(self.duration(path))
        }
    }
}
