//! Debian packages that the tests need.

use std::path::PathBuf;
use std::process::Command;

use crate::run;

/// The path of a program; if it is missing, its packages are installed first.
///
/// # Errors
/// It is missing and may not be installed from here; says what to install.
pub(crate) fn program(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    if let Some(path) = run::find(name) {
        return Ok(path);
    }
    install(name, packages)?;
    run::find(name).ok_or_else(|| advice(name, packages))
}

/// Installs packages for the sake of `what`.
///
/// # Errors
/// This is not root on a system with `apt-get`, or the installation failed.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<(), String> {
    if !run::is_root() || run::find("apt-get").is_none() {
        return Err(advice(what, packages));
    }
    apt(&["update"]).and_then(|()| {
        let fixed = ["install", "-y", "--no-install-recommends"];
        apt(&[&fixed[..], packages].concat())
    })
}

fn apt(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    run::read(
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
    .map(drop)
}

fn advice(what: &str, packages: &[&str]) -> String {
    format!(
        "{what} is missing. On Debian or Ubuntu: sudo apt-get install {}",
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed() {
        assert!(program("sh", &["no-such-package"]).is_ok());
    }

    #[test]
    fn the_advice_can_be_typed_as_it_stands() {
        let text = advice("chromedriver", &["chromium", "chromium-driver"]);
        assert!(
            text.ends_with("sudo apt-get install chromium chromium-driver"),
            "{text}"
        );
    }
}
