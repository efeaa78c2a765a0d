//! `cargo xtask parity`: replays recorded answers of Ory Hydra against our executable.
//!
//! The recordings live beside the repository (`../shared/parity`), not in it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::metadata::Workspace;
use crate::{install, run};

const RECORDINGS: &str = "../shared/parity";
const FLOOR: &str = ".ci/parity-floor";

/// What to replay.
#[derive(Args)]
pub(crate) struct Options {
    /// The executable; without it, target/release/hydrus.
    #[arg(long)]
    bin: Option<PathBuf>,
    /// Names or prefixes of scenarios and further options of parity.py. Without any, all
    /// scenarios run, and enough is what .ci/parity-floor says.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Replays, if the recordings are there; else says that they are not.
///
/// # Errors
/// Fewer exchanges match than the floor says, or something is missing.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let recordings = run::root().join(RECORDINGS);
    if !recordings.join("parity.py").exists() {
        println!("parity: the recordings are not there ({RECORDINGS})");
        return Ok(());
    }
    let target = Workspace::load()?.target;
    let bin = options
        .bin
        .clone()
        .unwrap_or_else(|| target.join("release/hydrus"));
    let bin = fs::canonicalize(&bin).map_err(|error| {
        format!(
            "{}: {error}; build it: cargo build --release -p hydrus",
            bin.display()
        )
    })?;
    let mut replay = Command::new(python(&target, &recordings)?);
    // The recordings are not ours to leave compiled Python in.
    replay
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONUNBUFFERED", "1");
    replay
        .arg(recordings.join("parity.py"))
        .args(["check", "--bin"])
        .arg(bin);
    let floor = if options.arguments.is_empty() {
        Some(floor()?)
    } else {
        None
    };
    if let Some(floor) = floor {
        replay.args(["--jobs", "3", "--show", "0", "--floor", &floor.to_string()]);
    }
    replay.args(&options.arguments);
    let matching = tee(&mut replay)?;
    if let (Some(matching), Some(floor)) = (matching, floor)
        && matching > floor
    {
        println!("parity: {FLOOR} may rise from {floor} to {matching}");
    }
    Ok(())
}

/// Runs, shows what it prints, and picks the score out of it.
fn tee(command: &mut Command) -> Result<Option<u32>, String> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("parity.py cannot be started: {error}"))?;
    let mut matching = None;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line.map_err(|error| error.to_string())?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            matching = score(&line).or(matching);
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        Ok(matching)
    } else {
        Err(format!("parity: not enough ({status})"))
    }
}

/// `parity: 10/12 exchanges (1 allowed deviations), …` counts as 11.
fn score(line: &str) -> Option<u32> {
    let (same, rest) = line.strip_prefix("parity: ")?.split_once('/')?;
    let (_, allowed) = rest.split_once('(')?;
    let allowed: u32 = allowed.split(' ').next()?.parse().ok()?;
    same.parse::<u32>().ok().map(|same| same + allowed)
}

fn floor() -> Result<u32, String> {
    let text = fs::read_to_string(run::root().join(FLOOR)).map_err(|e| format!("{FLOOR}: {e}"))?;
    text.trim()
        .parse()
        .map_err(|_| format!("{FLOOR}: a number is wanted, not {:?}", text.trim()))
}

/// A Python with what the recordings require, made once per state of the requirements.
fn python(target: &Path, recordings: &Path) -> Result<PathBuf, String> {
    let wanted = fs::read_to_string(recordings.join("requirements.txt"))
        .map_err(|error| format!("requirements.txt: {error}"))?;
    let venv = target.join("parity-venv");
    let (python, made) = (venv.join("bin/python"), venv.join("requirements.txt"));
    if fs::read_to_string(&made).is_ok_and(|had| had == wanted) {
        return Ok(python);
    }
    let system = install::program("python3", &["python3", "python3-venv"])?;
    let create = || {
        run::read(
            Command::new(&system)
                .args(["-m", "venv", "--clear"])
                .arg(&venv),
        )
    };
    if create().is_err() {
        // Debian's python3 comes without the part that makes environments.
        install::install("python3-venv", &["python3-venv"])?;
        create()?;
    }
    let requirements = recordings.join("requirements.txt");
    run::read(
        Command::new(&python)
            .args(["-m", "pip", "install", "-q", "-r"])
            .arg(requirements),
    )?;
    fs::write(&made, wanted).map_err(|error| format!("{}: {error}", made.display()))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_counts_allowed_deviations() {
        let line = "parity: 7800/7832 exchanges (30 allowed deviations), 3/4 scenarios";
        assert_eq!(score(line), Some(7830));
        assert_eq!(score("  token  1/2 exchanges"), None);
    }

    #[test]
    fn the_floor_is_a_number() {
        assert!(floor().is_ok());
    }

    #[test]
    fn a_failed_replay_is_an_error_whatever_its_score() {
        let script = "echo 'parity: 5/5 exchanges (0 allowed deviations)'; exit 1";
        assert!(tee(Command::new("sh").args(["-c", script])).is_err());
        let good = "echo 'parity: 5/6 exchanges (1 allowed deviations)'";
        assert_eq!(tee(Command::new("sh").args(["-c", good])), Ok(Some(6)));
    }
}
