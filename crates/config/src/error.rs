use std::fmt;
use std::path::PathBuf;

use crate::refusal::Refusal;

/// Why there are no settings. It prints every finding, ready for standard error.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read or is not what its extension says.
    #[error("{}: {cause}\nUnable to instantiate configuration.", path.display())]
    File {
        /// The file as it was named.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Values or keys that the schema does not allow: all of them.
    #[error("{}Unable to instantiate configuration.", Findings(.0))]
    Invalid(Vec<Finding>),
    /// Every value is allowed, but not in this combination: all reasons.
    #[error("{}", Refusals(.0))]
    Refused(Vec<Refusal>),
}

impl ConfigError {
    /// The exit status of the process, as Hydra has it: 255, or 1 where Hydra ends by a fatal log
    /// line.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::File { .. } | Self::Invalid(_) => 255,
            Self::Refused(refusals) => refusals.first().map_or(255, Refusal::exit_status),
        }
    }
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The dotted key; `(root)` for the whole.
    pub path: String,
    /// The value found, in one line, with secrets masked.
    pub value: String,
    /// What is wrong, in the words of Hydra's check.
    pub message: String,
    /// What would be right.
    pub expected: String,
    /// Where the value comes from.
    pub source: Source,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            value,
            message,
            expected,
            source,
        } = self;
        let indent = path.chars().count() + 2;
        write!(
            f,
            "{path}: {value}\n{:indent$}^-- {message}\n  Found in {source}. Expected {expected}.",
            ""
        )
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody gave it.
    Default,
    /// It was handed over as a value, not read.
    Given,
    /// A file, with the line where the format tells it.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line, counted from 1.
        line: Option<usize>,
    },
    /// A flag of the command line, such as `--dev`.
    Flag(&'static str),
    /// An environment variable, in its own letter case.
    Variable(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the defaults"),
            Self::Given => f.write_str("the values given"),
            Self::File {
                path,
                line: Some(line),
            } => write!(f, "{}, line {line}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Flag(name) => write!(f, "the flag {name}"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
        }
    }
}

struct Findings<'a>(&'a [Finding]);

impl fmt::Display for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in self.0 {
            write!(
                f,
                "\nThe configuration contains values or keys which are invalid:\n{finding}\n\n"
            )?;
        }
        Ok(())
    }
}

struct Refusals<'a>(&'a [Refusal]);

impl fmt::Display for Refusals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, refusal) in self.0.iter().enumerate() {
            let line_end = if at == 0 { "" } else { "\n" };
            write!(f, "{line_end}{refusal}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_the_layout_that_operators_know() {
        let error = ConfigError::Invalid(vec![Finding {
            path: "ttl".into(),
            value: "[]".into(),
            message: "expected object, but got array".into(),
            expected: "a section with keys".into(),
            source: Source::File {
                path: "/etc/hydrus.yaml".into(),
                line: Some(7),
            },
        }]);
        assert_eq!(
            error.to_string(),
            "\nThe configuration contains values or keys which are invalid:\n\
             ttl: []\n     ^-- expected object, but got array\n\
             \x20 Found in /etc/hydrus.yaml, line 7. Expected a section with keys.\n\n\
             Unable to instantiate configuration."
        );
        assert_eq!(error.exit_status(), 255);
    }
}
