//! `hydrus migrate sql`: the tables of a database, planned and carried out.

use std::io::BufRead as _;

use oauth_types::Secret;

use crate::MigrateArgs;
use crate::output::{Failure, complain, say};
use crate::parts::Storage;

/// Runs the verb.
pub(crate) fn run(args: &MigrateArgs) -> Result<(), Failure> {
    let flags = config::Flags {
        dev: false,
        dsn: args
            .dsn
            .as_deref()
            .filter(|_| !args.read_from_env)
            .map(Secret::new),
    };
    if flags.dsn.is_none() && !args.read_from_env {
        return Err(Failure::wrong(
            "Please provide the database URL: as an argument, or with -e from the variable DSN or \
             the configuration.",
        ));
    }
    let settings = config::load(&args.config, config::environment(), &flags, false)?;
    if settings.dsn.is_empty() {
        return Err(Failure::fatal(
            "dsn must be set: no argument, no variable DSN, no `dsn` in a file",
        ));
    }
    crate::serve::runtime()?.block_on(migrate(&settings.dsn, args.yes))
}

async fn migrate(dsn: &Secret, yes: bool) -> Result<(), Failure> {
    let Storage::Sql(db) = Storage::open(dsn).await? else {
        say("The following migration is planned:\n\nVersion\tName\tStatus");
        say("\nNothing is kept in memory beyond the process, so there is nothing to migrate.");
        return Ok(());
    };
    let pending = db.pending_migrations().await.map_err(Failure::wrong)?;
    let applied = db.applied_migrations().await.map_err(Failure::wrong)?;
    say("The following migration is planned:\n\nVersion\tName\tStatus");
    for (names, status) in [(applied, "Applied"), (pending, "Pending")] {
        for name in names {
            let (version, name) = name.split_once('_').unwrap_or((name.as_str(), ""));
            say(&format!("{version}\t{name}\t{status}"));
        }
    }
    if !yes && !agreed()? {
        say("Migration aborted.");
        return Ok(());
    }
    db.migrate().await.map_err(Failure::wrong)?;
    say("Successfully applied migrations!");
    Ok(())
}

/// Asks until a line says yes or no; the end of the input is neither.
fn agreed() -> Result<bool, Failure> {
    complain("To skip the next question use flag --yes (at your own risk).");
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(Failure::fatal)?;
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => say("Do you wish to execute this migration plan? [y/n]: "),
        }
    }
    Err(Failure::fatal(
        "the input ended before the question was answered; use --yes to go on",
    ))
}
