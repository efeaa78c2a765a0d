//! Links of the documents.

use super::Finding;
use super::files::TextFile;

/// Relative links of Markdown files point to something in the repository.
pub(super) fn check(files: &[TextFile], exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, link) in links(&file.text) {
            let target = link.split(['#', '?']).next().unwrap_or_default();
            if target.is_empty() || has_scheme(target) {
                continue;
            }
            let what = match resolve(&file.path, target) {
                None => format!("{link} points out of the repository"),
                Some(path) if !exists(&path) => format!("{link} points to nothing"),
                Some(_) => continue,
            };
            findings.push(Finding::new(format!("{}:{line}", file.path), what));
        }
    }
    findings
}

/// Line numbers and targets: `[text](target)`, `[label]: target`, `src="target"`.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second piece between backticks is code.
        for plain in line.split('`').step_by(2) {
            let inline = plain
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split([')', ' ']).next());
            let pictures = plain
                .split("src=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next());
            found.extend(inline.chain(pictures).map(|target| (number + 1, target)));
        }
        if line.starts_with('[')
            && let Some((_, rest)) = line.split_once("]: ")
        {
            found.extend(
                rest.split_whitespace()
                    .next()
                    .map(|target| (number + 1, target)),
            );
        }
    }
    // `[`code`](target)` was cut at its backticks; its target starts a piece of its own.
    found
}

fn has_scheme(target: &str) -> bool {
    target.starts_with("//")
        || target.split_once(':').is_some_and(|(scheme, _)| {
            scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        })
}

/// The target as a path from the root; `None` if it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::files::sample;
    use super::*;

    fn check_line(path: &str, line: &str) -> usize {
        let exists = |path: &str| ["README.md", "docs/a.md", "crates/cli"].contains(&path);
        check(&[sample(path, line)], &exists).len()
    }

    #[test]
    fn links_point_to_what_exists() {
        for (path, line, expected) in [
            ("README.md", "[a](docs/a.md) and [b](docs/b.md)", 1),
            ("README.md", "[`code`](docs/b.md#part)", 1),
            ("README.md", "[`code`](docs/a.md#part \"title\")", 0),
            (
                "docs/a.md",
                "[up](../README.md), [crate](../crates/cli/)",
                0,
            ),
            ("docs/a.md", "[out](../../shared/style.md)", 1),
            (
                "docs/a.md",
                "[root](/docs/a.md) [here](#part) [web](https://example.org/x)",
                0,
            ),
            ("docs/a.md", "[mail](mailto:a@example.org)", 0),
            ("docs/a.md", "![picture](picture.png)", 1),
            ("docs/a.md", "<img alt=\"x\" src=\"picture.png\">", 1),
            ("docs/a.md", "[label]: b.md", 1),
            ("docs/a.md", "`[code](b.md)`", 0),
            ("docs/a.md", "```\n[code](b.md)\n```\n[a](a.md)", 0),
            ("src/lib.rs", "[code](b.md)", 0),
        ] {
            assert_eq!(check_line(path, line), expected, "{path}: {line}");
        }
    }
}
