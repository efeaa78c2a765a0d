//! Migrations: the same names for every database.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::files::TextFile;

/// Databases that must be there as soon as one is.
const DATABASES: &[&str] = &["postgres", "sqlite"];

/// `migrations/<database>/<name>/{up,down}.sql`: names equal for all, both files in each.
pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut databases: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for file in files {
        let mut parts = file.path.splitn(4, '/');
        if let (Some("migrations"), Some(database), Some(name), Some(file)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        {
            databases
                .entry(database)
                .or_default()
                .entry(name)
                .or_default()
                .insert(file);
        }
    }
    if databases.is_empty() {
        return Vec::new();
    }
    for database in DATABASES {
        databases.entry(database).or_default();
    }
    let names: BTreeSet<&str> = databases
        .values()
        .flat_map(|names| names.keys().copied())
        .collect();
    let mut findings = Vec::new();
    for (database, has) in &databases {
        for name in &names {
            let place = format!("migrations/{database}/{name}");
            match has.get(name) {
                None => findings.push(Finding::new(place, "is missing; another database has it")),
                Some(files) => {
                    for file in ["up.sql", "down.sql"] {
                        if !files.contains(file) {
                            findings.push(Finding::new(&place, format!("has no {file}")));
                        }
                    }
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::files::sample;
    use super::*;

    #[test]
    fn every_database_has_every_migration_both_ways() {
        for (paths, expected) in [
            (&["README.md"][..], 0),
            (
                &[
                    "sqlite/a/up.sql",
                    "sqlite/a/down.sql",
                    "postgres/a/up.sql",
                    "postgres/a/down.sql",
                ],
                0,
            ),
            (&["sqlite/a/up.sql", "sqlite/a/down.sql"], 1),
            (
                &["sqlite/a/up.sql", "sqlite/a/down.sql", "postgres/a/up.sql"],
                1,
            ),
            (
                &[
                    "sqlite/a/up.sql",
                    "sqlite/a/down.sql",
                    "postgres/b/up.sql",
                    "postgres/b/down.sql",
                ],
                2,
            ),
            (
                &[
                    "sqlite/a/up.sql",
                    "sqlite/a/down.sql",
                    "postgres/a/up.sql",
                    "postgres/a/down.sql",
                    "mysql/README.md/up.sql",
                    "mysql/README.md/down.sql",
                ],
                3,
            ),
        ] {
            let files: Vec<_> = paths
                .iter()
                .map(|path| sample(&format!("migrations/{path}"), ""))
                .collect();
            let findings = check(&files);
            assert_eq!(findings.len(), expected, "{paths:?}: {findings:?}");
        }
    }
}
