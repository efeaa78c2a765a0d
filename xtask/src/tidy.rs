//! `cargo xtask tidy`: the invariants of ARCHITECTURE.md that compiler and clippy cannot see.
//!
//! Each check is a function from what cargo and the files say to a list of findings, and has a
//! test that shows it failing on a small bad sample.

mod arrows;
mod dependencies;
mod files;
mod links;
mod map;
mod migrations;
mod sources;
mod strays;

use crate::metadata::Workspace;
use crate::run;

/// One thing that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// A file, `file:line`, or a crate.
    place: String,
    /// What is wrong and what would be right.
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
        }
    }
}

/// The verb.
///
/// # Errors
/// Lists all findings.
pub(crate) fn run() -> Result<(), String> {
    for remark in check(&Workspace::load()?)? {
        println!("{remark}");
    }
    println!("tidy");
    Ok(())
}

/// Runs all checks and returns remarks that are no errors.
///
/// # Errors
/// Lists all findings.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<String>, String> {
    let root = run::root();
    let files = files::read(root)?;
    let findings = [
        arrows::check(workspace),
        dependencies::check(workspace),
        sources::forbidden_words(&files),
        sources::serializable_records(&files),
        sources::crate_documents(workspace, root, &files),
        sources::lints(&files),
        migrations::check(&files),
        strays::paths(&files),
        strays::registries(&files),
        links::check(&files, &|path| root.join(path).exists()),
    ];
    let findings: Vec<String> = findings
        .iter()
        .flatten()
        .map(|f| format!("{}: {}", f.place, f.what))
        .collect();
    if findings.is_empty() {
        return Ok(list(&sources::long_files(&files)));
    }
    Err(format!(
        "{}\n{} findings",
        findings.join("\n"),
        findings.len()
    ))
}

fn list(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|f| format!("{}: {}", f.place, f.what))
        .collect()
}
