//! Traces of the machine on which somebody worked.

use super::Finding;
use super::files::TextFile;

/// Folders of people and machines. Spelt in two halves, because this file is checked as well.
const FOLDERS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
];
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// No file names a folder that exists on one machine only.
pub(super) fn paths(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            for folder in FOLDERS {
                if begins_a_path(line, folder) {
                    let what = format!("names the folder {folder} of somebody's machine");
                    findings.push(Finding::new(format!("{}:{}", file.path, number + 1), what));
                }
            }
        }
    }
    findings
}

/// Whether the folder is the beginning of a path, and not the middle of a URL or of a longer path.
fn begins_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~)}>*".contains(c))
    })
}

/// All packages come from the public registry, and no file of the repository redirects that.
pub(super) fn registries(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        let (lock, settings) = (file.path == "Cargo.lock", file.path.starts_with(".cargo/"));
        for (number, line) in file.text.lines().enumerate() {
            let place = || format!("{}:{}", file.path, number + 1);
            if lock && line.starts_with("source = ") && !line.contains(REGISTRY) {
                findings.push(Finding::new(place(), format!("not from crates.io: {line}")));
            }
            if settings
                && ["[source", "[registr", "[http"]
                    .iter()
                    .any(|s| line.starts_with(s))
            {
                findings.push(Finding::new(
                    place(),
                    "registries are each machine's own matter",
                ));
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
    fn folders_of_one_machine_are_found_and_urls_are_not() {
        for (line, expected) in [
            (concat!("cd /wo", "rk/hydrus"), 1),
            (concat!("x = \"/ho", "me/ada\""), 1),
            (concat!("file:///Us", "ers/ada"), 1),
            (concat!("https://example.org/wo", "rk/1"), 0),
            (concat!("../ro", "ot/x"), 0),
            ("/etc/hydrus", 0),
        ] {
            assert_eq!(
                paths(&[sample("README.md", line)]).len(),
                expected,
                "{line}"
            );
        }
    }

    #[test]
    fn packages_come_from_the_public_registry() {
        for (path, line, expected) in [
            (
                "Cargo.lock",
                "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
                0,
            ),
            (
                "Cargo.lock",
                "source = \"git+https://example.org/x?rev=1#1\"",
                1,
            ),
            (
                "Cargo.lock",
                "source = \"registry+https://mirror.example.org/index\"",
                1,
            ),
            (".cargo/config.toml", "[source.crates-io]", 1),
            (".cargo/config.toml", "[alias]", 0),
        ] {
            assert_eq!(
                registries(&[sample(path, line)]).len(),
                expected,
                "{path}: {line}"
            );
        }
    }
}
