//! Files and variables for the tests of the layers.

use std::path::PathBuf;

use config::{ConfigError, Flags, Settings};

/// Writes a file that no other test uses.
pub(crate) fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("the folder for temporary files is writable");
    path
}

/// Loads files and variables with validation and without flags.
pub(crate) fn load(files: &[PathBuf], variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    load_with(files, variables, &Flags::default())
}

/// Loads files, variables and flags with validation.
pub(crate) fn load_with(
    files: &[PathBuf],
    variables: &[(&str, &str)],
    flags: &Flags,
) -> Result<Settings, ConfigError> {
    let variables: Vec<(String, String)> = variables
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    config::load(files, variables.into_iter(), flags, true)
}
