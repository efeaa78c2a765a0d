//! `cargo xtask test`: everything that must hold before a change is merged.
//!
//! All steps build with one profile and one set of features (`--workspace`), so what one step
//! built the next one uses.

use std::process::Command;

use clap::{Args, ValueEnum};

use crate::metadata::{Member, Workspace};
use crate::postgres::Postgres;
use crate::steps::Steps;
use crate::{install, run, tidy};

/// The crate of the executable; its tests start it and talk to it.
const EXECUTABLE: &str = "hydrus";
/// The test of [`EXECUTABLE`] that drives a browser.
const BROWSER: &str = "browser";

/// What to test.
#[derive(Args)]
pub(crate) struct Options {
    /// Databases that the storage tests run on.
    #[arg(long, value_enum, default_value_t = Databases::All)]
    db: Databases,
    /// Leaves out the documents, PostgreSQL and the browser.
    #[arg(long)]
    quick: bool,
}

/// Databases that the storage tests run on.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Databases {
    /// SQLite and a private PostgreSQL, which is started for it.
    All,
    /// SQLite.
    Sqlite,
    /// None: the tests of crate `persistence` are left out.
    None,
}

/// Runs the steps; a failed one does not keep the later ones from running.
///
/// # Errors
/// Names the steps that failed.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let workspace = Workspace::load()?;
    let mut steps = Steps::new(workspace.target.join("xtask"))?;

    steps.command("format", &mut run::cargo(["fmt", "--all", "--check"]));
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    steps.command("clippy", &mut run::cargo(clippy));
    steps.step("tidy", || tidy::check(&workspace));
    if !options.quick {
        let mut doc = run::cargo(["doc", "--workspace", "--no-deps"]);
        steps.command("documents", doc.env("RUSTDOCFLAGS", "-Dwarnings"));
    }
    if run::find("cargo-deny").is_some() {
        let deny = ["deny", "--offline", "check", "bans", "licenses", "sources"];
        steps.command("licences", &mut run::cargo(deny));
    }

    let mut postgres = None;
    if options.db == Databases::All && !options.quick {
        steps.step("start PostgreSQL", || {
            let started = Postgres::up(&workspace.target, false)?;
            let remark = started.dsn().to_owned();
            postgres = Some(started);
            Ok(vec![remark])
        });
    }
    let dsn = postgres.as_ref().map(|postgres| postgres.dsn().to_owned());
    steps.command("tests", &mut tests(options.db, dsn.as_deref()));
    let flows = flows(workspace.member(EXECUTABLE));
    if !flows.is_empty() {
        steps.command(
            "flows through executable",
            &mut executable(&flows, dsn.as_deref()),
        );
    }
    if !options.quick {
        browser(&mut steps, dsn.as_deref());
    }
    if let Some(postgres) = postgres.filter(|postgres| postgres.fresh) {
        steps.step("stop PostgreSQL", || postgres.down().map(|()| Vec::new()));
    }
    steps.finish()
}

/// Everything but the tests of the executable.
fn tests(databases: Databases, dsn: Option<&str>) -> Command {
    let mut command = run::cargo([
        "test",
        "--workspace",
        "--no-fail-fast",
        "--exclude",
        EXECUTABLE,
    ]);
    if databases == Databases::None {
        command.args(["--exclude", "persistence"]);
    }
    // Shown output is where a test says that it was skipped.
    with_dsn(&mut command, dsn).args(["--", "--show-output"]);
    command
}

/// Named tests of the executable. Picked by `--workspace --test`, not by `--package`: a package
/// alone would be built with other features of shared dependencies, that is, once more.
fn executable(names: &[&str], dsn: Option<&str>) -> Command {
    let mut command = run::cargo(["test", "--workspace", "--no-fail-fast"]);
    for name in names {
        command.args(["--test", name]);
    }
    with_dsn(&mut command, dsn).args(["--", "--show-output"]);
    command
}

fn browser(steps: &mut Steps, dsn: Option<&str>) {
    let mut driver = None;
    steps.step("find chromedriver", || {
        let path = install::program("chromedriver", &["chromium", "chromium-driver"])?;
        let remark = path.display().to_string();
        driver = Some(path);
        Ok(vec![remark])
    });
    if let Some(driver) = driver {
        steps.command(
            "browser",
            executable(&[BROWSER], dsn).env("CHROMEDRIVER", driver),
        );
    }
}

fn with_dsn<'a>(command: &'a mut Command, dsn: Option<&str>) -> &'a mut Command {
    match dsn {
        Some(dsn) => command.env("HYDRUS_TEST_POSTGRES", dsn),
        None => command.env_remove("HYDRUS_TEST_POSTGRES"),
    }
}

/// The executable's tests without the browser's.
fn flows(executable: Option<&Member>) -> Vec<&str> {
    let targets = executable.into_iter().flat_map(|member| &member.targets);
    targets
        .filter(|target| target.kind.iter().any(|kind| kind == "test"))
        .map(|target| target.name.as_str())
        .filter(|name| *name != BROWSER)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::metadata::Target;

    #[test]
    fn flows_are_the_tests_of_the_executable_without_the_browser() {
        let target = |name: &str, kind: &str| Target {
            name: name.to_owned(),
            kind: vec![kind.to_owned()],
            src_path: PathBuf::new(),
        };
        let targets = [("hydrus", "bin"), ("browser", "test"), ("kill", "test")];
        let member = Member {
            targets: targets.map(|(name, kind)| target(name, kind)).to_vec(),
            ..Member::default()
        };
        assert_eq!(flows(Some(&member)), ["kill"]);
        assert_eq!(flows(None), Vec::<&str>::new());
    }

    #[test]
    fn a_dsn_of_the_shell_never_reaches_tests_that_are_to_run_without() {
        let command = tests(Databases::Sqlite, None);
        let dsn = command
            .get_envs()
            .find(|(name, _)| *name == "HYDRUS_TEST_POSTGRES");
        assert_eq!(dsn.map(|(_, value)| value), Some(None));
    }
}
