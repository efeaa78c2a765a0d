//! A row of steps: each runs with its output in a file, and is one line on the terminal.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Lines of a failed step's output that are repeated on the terminal.
const TAIL: usize = 250;

/// The steps so far.
pub(crate) struct Steps {
    logs: PathBuf,
    failed: Vec<String>,
    passed: usize,
    begin: Instant,
}

impl Steps {
    /// No steps yet; their output will go to files in this folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(crate) fn new(logs: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;
        Ok(Self {
            logs,
            failed: Vec::new(),
            passed: 0,
            begin: Instant::now(),
        })
    }

    /// A step that another program does.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) {
        let log = self.logs.join(format!("{}.log", name.replace(' ', "-")));
        self.step(name, || {
            let file = File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
            let both = file
                .try_clone()
                .map_err(|e| format!("{}: {e}", log.display()))?;
            let status = command
                .stdin(Stdio::null())
                .stdout(file)
                .stderr(both)
                .status();
            let status = status.map_err(|error| format!("cannot be started: {error}"))?;
            let text = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
            if status.success() {
                return Ok(remarks(&text));
            }
            Err(format!("{}\n… all of it: {}", tail(&text), log.display()))
        });
    }

    /// A step that is done here; it returns remarks to show beside its name.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Vec<String>, String>) {
        print!("{name:<28} ");
        // A terminal shows what runs now; if it cannot, nothing is lost.
        let _ = std::io::stdout().flush();
        let begin = Instant::now();
        let done = work();
        let time = seconds(begin.elapsed());
        match done {
            Ok(remarks) => {
                self.passed += 1;
                let mut remarks = remarks.into_iter();
                println!("ok      {time:>8}  {}", remarks.next().unwrap_or_default());
                for remark in remarks {
                    println!("{:<46} {remark}", "");
                }
            }
            Err(why) => {
                println!("FAILED  {time:>8}");
                println!("{why}\n");
                self.failed.push(name.to_owned());
            }
        }
    }

    /// Prints the sum.
    ///
    /// # Errors
    /// Some step failed.
    pub(crate) fn finish(self) -> Result<(), String> {
        let time = seconds(self.begin.elapsed());
        println!(
            "\n{} passed, {} failed, {time}",
            self.passed,
            self.failed.len()
        );
        if self.failed.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", self.failed.join(", ")))
        }
    }
}

/// How many tests ran, and which say that they did not.
fn remarks(log: &str) -> Vec<String> {
    let counts = log
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: ok. "));
    let (mut harnesses, mut tests) = (0, 0);
    for count in counts {
        harnesses += 1;
        tests += count
            .split(' ')
            .next()
            .and_then(|n| n.parse::<u32>().ok())
            .unwrap_or(0);
    }
    let mut remarks = Vec::new();
    if harnesses > 0 {
        remarks.push(format!("{tests} tests"));
    }
    let skips = log.lines().map(str::trim).filter(|line| {
        line.get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("skip"))
    });
    for skip in skips {
        let remark = skip.to_owned();
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    remarks
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_count_tests_and_repeat_each_skip_once() {
        let log = "test result: ok. 3 passed; 0 failed\nskipped: no DSN\n  skipped: no DSN\n\
                   test result: ok. 40 passed; 0 failed\ntest skip_is_a_name ... ok\n";
        assert_eq!(remarks(log), ["43 tests", "skipped: no DSN"]);
        assert_eq!(remarks("Finished"), Vec::<String>::new());
    }

    #[test]
    fn one_failed_step_fails_the_row_and_is_named() {
        let folder = std::env::temp_dir().join(format!("xtask-steps-{}", std::process::id()));
        let mut steps = Steps::new(folder.clone()).unwrap();
        steps.command("good", &mut Command::new("true"));
        steps.command("bad one", &mut Command::new("false"));
        assert_eq!(steps.finish().unwrap_err(), "failed: bad one");
        fs::remove_dir_all(folder).unwrap();
    }
}
