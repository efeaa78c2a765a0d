//! What the rows of several traits have in common.

use std::collections::HashMap;
use std::hash::Hash;

use oauth_types::{Page, Timestamp};

/// The keys of at most `limit` rows that ended before `before`, those that ended first in front.
pub(crate) fn expired<'a, K: Clone + 'a, V: 'a>(
    rows: impl IntoIterator<Item = (&'a K, &'a V)>,
    ends: impl Fn(&V) -> Timestamp,
    before: Timestamp,
    limit: u32,
) -> Vec<K> {
    let mut found: Vec<(Timestamp, &K)> = rows
        .into_iter()
        .map(|(key, row)| (ends(row), key))
        .filter(|(end, _)| *end < before)
        .collect();
    found.sort_by_key(|(end, _)| *end);
    found
        .into_iter()
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(|(_, key)| key.clone())
        .collect()
}

/// Removes such rows and counts them.
pub(crate) fn remove_expired<K: Clone + Eq + Hash, V>(
    rows: &mut HashMap<K, V>,
    ends: impl Fn(&V) -> Timestamp,
    before: Timestamp,
    limit: u32,
) -> u64 {
    let keys = expired(&*rows, ends, before, limit);
    for key in &keys {
        rows.remove(key);
    }
    count(keys.len())
}

/// The rows of a page.
pub(crate) fn paged<T>(rows: impl IntoIterator<Item = T>, page: Page) -> Vec<T> {
    rows.into_iter()
        .skip(usize::try_from(page.offset).unwrap_or(usize::MAX))
        .take(usize::try_from(page.size).unwrap_or(usize::MAX))
        .collect()
}

/// A number of rows as the traits count them.
pub(crate) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
