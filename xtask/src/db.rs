//! `cargo xtask db`: a private database server for a session of work.

use clap::Subcommand;

use crate::metadata::Workspace;
use crate::postgres::Postgres;

/// What to do with the server.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Starts PostgreSQL (or finds it running) and prints its DSN.
    Up,
    /// Stops it and removes its data.
    Down,
    /// Prints the DSN of the running server.
    Dsn,
}

/// Runs one verb. A further engine gets a module like `postgres` and an argument here.
///
/// # Errors
/// The server cannot be started or stopped, or there is none.
pub(crate) fn run(verb: &Verb) -> Result<(), String> {
    let target = Workspace::load()?.target;
    match verb {
        Verb::Up => {
            let postgres = Postgres::up(&target, true)?;
            println!("{}", postgres.dsn());
            println!("export HYDRUS_TEST_POSTGRES='{}'", postgres.dsn());
        }
        Verb::Down => match Postgres::running(&target) {
            Some(postgres) => postgres.down()?,
            None => println!("no PostgreSQL of ours is running"),
        },
        Verb::Dsn => match Postgres::running(&target) {
            Some(postgres) => println!("{}", postgres.dsn()),
            None => return Err("no PostgreSQL of ours is running: cargo xtask db up".to_owned()),
        },
    }
    Ok(())
}
