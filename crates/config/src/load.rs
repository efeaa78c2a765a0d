use std::path::PathBuf;

use serde_json::json;

use crate::document::Document;
use crate::environment::assignments;
use crate::error::{ConfigError, Source};
use crate::file;
use crate::settings::Settings;

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--dev`. It beats the files; the variable `DEV` beats it.
    ///
    /// Hydra: `dev: true` in a file has no effect on `serve`. Here it has.
    pub dev: bool,
    /// The data source name that `migrate sql` and `janitor` take as an argument; it beats
    /// everything.
    pub dsn: Option<oauth_types::Secret>,
}

/// Reads the files in order, the flags and the environment, and checks the result.
///
/// `environment` is usually [`environment()`](crate::environment()). Without `validate`, as for
/// `migrate` and `janitor`, only the files must be readable; a value of a wrong kind then counts
/// as its default, and there may be no `dsn`.
///
/// # Errors
/// [`ConfigError`] with every finding; it knows the exit status of the process.
pub fn load(
    files: &[PathBuf],
    environment: impl Iterator<Item = (String, String)>,
    flags: &Flags,
    validate: bool,
) -> Result<Settings, ConfigError> {
    let mut document = Document::defaults();
    for path in files {
        let (value, file) = file::read(path)?;
        document.merge(value, &|path| file.source(path));
    }
    if flags.dev {
        document.overlay("dev", json!(true), &Source::Flag("--dev"));
    }
    for assignment in assignments(environment) {
        let source = Source::Variable(assignment.name);
        document.overlay(&assignment.path, assignment.value, &source);
    }
    if let Some(dsn) = &flags.dsn {
        let source = Source::Flag("for the data source name");
        document.overlay("dsn", json!(dsn.expose()), &source);
    }
    if validate {
        Settings::checked(document)
    } else {
        Ok(Settings::unchecked(document))
    }
}
