//! The text files of the repository.

use std::fs;
use std::path::Path;

/// Folders with nothing of ours in them.
const SKIPPED: &[&str] = &["target", "node_modules"];
/// Hidden folders that are part of the repository; others belong to editors and tools.
const HIDDEN_BUT_OURS: &[&str] = &[".cargo", ".ci", ".github"];
/// Bytes. Nothing that people write is longer.
const SIZE_MAX: u64 = 4 << 20;

/// One text file.
pub(super) struct TextFile {
    /// From the root of the repository, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// Reads all text files, in the order of their paths.
///
/// # Errors
/// A folder or file cannot be read.
pub(super) fn read(root: &Path) -> Result<Vec<TextFile>, String> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(cannot)?;
        if kind.is_dir() {
            let hidden = name.starts_with('.') && !HIDDEN_BUT_OURS.contains(&name.as_str());
            if !hidden && !SKIPPED.contains(&name.as_str()) {
                walk(&entry.path(), &format!("{prefix}{name}/"), files)?;
            }
        } else if kind.is_file()
            // In a linked worktree `.git` is a file with the path of the repository.
            && name != ".git"
            && entry.metadata().map_err(cannot)?.len() <= SIZE_MAX
        {
            let bytes = fs::read(entry.path()).map_err(cannot)?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(TextFile {
                    path: format!("{prefix}{name}"),
                    text,
                });
            }
        }
    }
    Ok(())
}

/// A sample for the checks' tests.
#[cfg(test)]
pub(super) fn sample(path: &str, text: &str) -> TextFile {
    TextFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_and_scripts_are_read_and_built_things_are_not() {
        let files = read(crate::run::root()).unwrap();
        let has = |path: &str| files.iter().any(|file| file.path == path);
        assert!(has("Cargo.toml") && has(".ci/run") && has("xtask/src/tidy/files.rs"));
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
        assert!(!files.iter().any(|file| file.path.starts_with(".git")
            && file.path != ".gitignore"
            && !file.path.starts_with(".github/")));
    }
}
