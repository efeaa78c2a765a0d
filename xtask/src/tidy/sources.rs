//! Rust files and manifests.

use std::path::Path;

use super::Finding;
use super::files::TextFile;
use super::map::DOMAIN;
use crate::metadata::Workspace;

/// Spelt in two halves, because this file is checked as well.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("to", "do!("), "finish it or take it out"),
    (concat!("unimple", "mented!("), "finish it or take it out"),
    (
        concat!("#[ig", "nore"),
        "a test that does not run is no test",
    ),
    (
        concat!("#[al", "low("),
        "use #[expect(lint, reason = \"…\")]",
    ),
    (
        concat!("#![al", "low("),
        "use #![expect(lint, reason = \"…\")]",
    ),
];
/// Lines.
const LONG: usize = 500;

/// No unfinished code, no silenced tests and lints.
pub(super) fn forbidden_words(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files) {
        for (number, line) in file.text.lines().enumerate() {
            let code = before_comment(line);
            for (word, advice) in FORBIDDEN.iter().filter(|(word, _)| code.contains(word)) {
                let place = format!("{}:{}", file.path, number + 1);
                findings.push(Finding::new(place, format!("{word} … : {advice}")));
            }
        }
    }
    findings
}

/// Records of the domain's stores do not implement `Serialize`: shapes on the wire are
/// `api-types`, rows are `persistence`, and neither may follow from a field's name in the domain.
pub(super) fn serializable_records(files: &[TextFile]) -> Vec<Finding> {
    let is_store = |path: &str| {
        DOMAIN.iter().any(|name| {
            let inside = path
                .strip_prefix("crates/")
                .and_then(|p| p.strip_prefix(name));
            inside.is_some_and(|p| p == "/src/store.rs" || p.starts_with("/src/store/"))
        })
    };
    let mut findings = Vec::new();
    for file in rust(files).filter(|file| is_store(&file.path)) {
        let code: Vec<&str> = file.text.lines().map(before_comment).collect();
        let code = code.join("\n");
        for (at, _) in code
            .match_indices("derive(")
            .chain(code.match_indices("impl "))
        {
            let end = if code[at..].starts_with("derive(") {
                ')'
            } else {
                '{'
            };
            let declared = code[at..].split(end).next().unwrap_or_default();
            let mut words = declared.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| word == "Serialize") {
                let line = code[..at].matches('\n').count() + 1;
                let what = "a record of the domain is not Serialize; its shapes are in api-types";
                findings.push(Finding::new(format!("{}:{line}", file.path), what));
            }
        }
    }
    findings
}

/// Every library and executable begins by saying what it is for.
pub(super) fn crate_documents(
    workspace: &Workspace,
    root: &Path,
    files: &[TextFile],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &workspace.members {
        for target in &member.targets {
            let shipped = ["lib", "bin", "proc-macro"];
            if !target
                .kind
                .iter()
                .any(|kind| shipped.contains(&kind.as_str()))
            {
                continue;
            }
            let path = target
                .src_path
                .strip_prefix(root)
                .unwrap_or(&target.src_path);
            let path = path.to_string_lossy();
            let file = files.iter().find(|file| file.path == path);
            if !file.is_some_and(|file| begins_with_document(&file.text)) {
                let what = format!("crate {} has no documentation (//! …) on top", member.name);
                findings.push(Finding::new(path, what));
            }
        }
    }
    findings
}

fn begins_with_document(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| {
        let passed = line.is_empty()
            || line.starts_with("#![")
            || (line.starts_with("//") && !line.starts_with("//!"));
        !passed
    });
    first
        .and_then(|line| line.strip_prefix("//!"))
        .is_some_and(|said| !said.trim().is_empty())
}

/// Every crate takes the lints of the workspace.
pub(super) fn lints(files: &[TextFile]) -> Vec<Finding> {
    let manifests = files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests
        .filter(|file| {
            !file
                .text
                .replace("\r\n", "\n")
                .contains("[lints]\nworkspace = true")
        })
        .map(|file| Finding::new(&file.path, "has no [lints] workspace = true"))
        .collect()
}

/// Files in which to look for the second subject. A remark, no error.
pub(super) fn long_files(files: &[TextFile]) -> Vec<Finding> {
    let length = |file: &TextFile| file.text.lines().count();
    rust(files)
        .filter(|file| length(file) > LONG)
        .map(|file| Finding::new(&file.path, format!("{} lines", length(file))))
        .collect()
}

fn rust(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    files.iter().filter(|file| file.path.ends_with(".rs"))
}

/// The code of a line. A `//` after a colon is taken for part of a URL in a string.
fn before_comment(line: &str) -> &str {
    let comment = line
        .match_indices("//")
        .find(|(at, _)| !line[..*at].ends_with(':'));
    comment.map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::files::sample;
    use super::*;
    use crate::metadata::{Member, Target};

    #[test]
    fn unfinished_code_and_silenced_tests_are_found() {
        for (line, expected) in [
            (concat!("    to", "do!()"), 1),
            (
                concat!("let u = \"http://x\"; unimple", "mented!(\"x\")"),
                1,
            ),
            (concat!("#[ig", "nore = \"slow\"]"), 1),
            (concat!("#[al", "low(dead_code)] #![al", "low(x)]"), 2),
            (concat!("// to", "do!() in a comment"), 0),
            ("#[expect(dead_code, reason = \"x\")]", 0),
        ] {
            assert_eq!(
                forbidden_words(&[sample("a.rs", line)]).len(),
                expected,
                "{line}"
            );
        }
        assert_eq!(
            forbidden_words(&[sample("a.md", concat!("to", "do!()"))]),
            []
        );
    }

    #[test]
    fn records_of_the_domain_are_not_serializable() {
        let store = "crates/oauth-core/src/store.rs";
        for (path, text, expected) in [
            (
                store,
                "#[derive(Debug,\n    serde::Serialize)]\nstruct A;",
                1,
            ),
            (store, "impl Serialize for A {}", 1),
            (
                store,
                "#[derive(Deserialize)]\nstruct A;\n// derive(Serialize)",
                0,
            ),
            (
                "crates/oauth-core/src/store/grants.rs",
                "#[derive(Serialize)]",
                1,
            ),
            ("crates/oauth-core/src/claims.rs", "#[derive(Serialize)]", 0),
            ("crates/persistence/src/store.rs", "#[derive(Serialize)]", 0),
        ] {
            assert_eq!(
                serializable_records(&[sample(path, text)]).len(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_crate_begins_with_its_documentation() {
        for (text, expected) in [
            ("//! What it is for.\nmod a;", 0),
            ("// Licence.\n#![warn(x)]\n\n//! What it is for.", 0),
            ("mod a;\n//! Too late.", 1),
            ("//!\nmod a;", 1),
            ("", 1),
        ] {
            let target = |kind: &str, path: &str| Target {
                name: "x".to_owned(),
                kind: vec![kind.to_owned()],
                src_path: PathBuf::from(path),
            };
            let targets = vec![
                target("lib", "/r/src/lib.rs"),
                target("test", "/r/tests/t.rs"),
            ];
            let members = vec![Member {
                targets,
                ..Member::default()
            }];
            let workspace = Workspace {
                members,
                ..Workspace::default()
            };
            let files = [sample("src/lib.rs", text)];
            let findings = crate_documents(&workspace, Path::new("/r"), &files);
            assert_eq!(findings.len(), expected, "{text}");
        }
    }

    #[test]
    fn a_crate_takes_the_workspace_lints() {
        let good = sample(
            "crates/a/Cargo.toml",
            "[package]\n\n[lints]\nworkspace = true\n",
        );
        let bad = sample("crates/b/Cargo.toml", "[package]\n");
        let root = sample("Cargo.toml", "[workspace]\n");
        let findings = lints(&[good, bad, root]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "crates/b/Cargo.toml");
    }

    #[test]
    fn long_files_are_remarked() {
        let lines = |count: usize| "x\n".repeat(count);
        assert_eq!(
            long_files(&[sample("a.rs", &lines(500)), sample("a.md", &lines(900))]),
            []
        );
        assert_eq!(
            long_files(&[sample("a.rs", &lines(501))])[0].what,
            "501 lines"
        );
    }
}
