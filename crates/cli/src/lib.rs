//! The command line: turns settings into parts and joins everything.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     cli::main()
//! }
//! ```

mod demo;
mod migrate;
mod output;
mod parts;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Hydrus, an OAuth 2.0 and OpenID Connect server: a drop-in replacement for Ory Hydra 2.0.3.
#[derive(Debug, Parser)]
#[command(
    name = "hydrus",
    version,
    propagate_version = false,
    arg_required_else_help = true
)]
struct Hydrus {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the server.
    Serve(ServeArgs),
    /// Prepare a database.
    Migrate {
        #[command(subcommand)]
        what: MigrateVerb,
    },
    /// Show the main job: a server on an SQLite file with a login and consent app and a relying
    /// party, all on this machine.
    Demo(DemoArgs),
    /// Print the version.
    Version,
}

/// What `serve` is told.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Which listeners to run.
    #[arg(value_enum)]
    pub(crate) which: Which,
    /// Configuration files (YAML, JSON or TOML); later ones win.
    #[arg(short, long, value_name = "FILE", value_delimiter = ',', global = true)]
    pub(crate) config: Vec<PathBuf>,
    /// Development mode: plain http, cookies without Secure.
    #[arg(long, global = true)]
    pub(crate) dev: bool,
    /// Accepted for Hydra's sake; this server sends no telemetry anywhere.
    #[arg(long, global = true)]
    sqa_opt_out: bool,
}

/// Which listeners to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// Both.
    All,
    /// The public one alone.
    Public,
    /// The admin one alone.
    Admin,
}

#[derive(Debug, Subcommand)]
enum MigrateVerb {
    /// Create or update the tables of an SQL database.
    Sql(MigrateArgs),
}

/// What `migrate sql` is told.
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// The database, such as `sqlite:///var/lib/hydrus/db.sqlite` or `postgres://user@host/db`.
    pub(crate) dsn: Option<String>,
    /// Take the database from the environment (`DSN`) or the configuration.
    #[arg(short = 'e', long)]
    pub(crate) read_from_env: bool,
    /// Configuration files (YAML, JSON or TOML).
    #[arg(short, long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) config: Vec<PathBuf>,
    /// Do not ask before the plan is carried out.
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// What `demo` is told.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Be the browser, too: walk through the whole flow, print each step, and stop.
    #[arg(long)]
    pub(crate) once: bool,
    /// Keep everything in memory instead of in an SQLite file.
    #[arg(long)]
    pub(crate) memory: bool,
    /// The SQLite file; without it a new one in a temporary folder, removed at the end.
    #[arg(long, value_name = "FILE", conflicts_with = "memory")]
    pub(crate) database: Option<PathBuf>,
    /// Port of the public endpoints.
    #[arg(long, default_value_t = 4444)]
    pub(crate) public_port: u16,
    /// Port of the admin endpoints.
    #[arg(long, default_value_t = 4445)]
    pub(crate) admin_port: u16,
    /// Port of the demo app.
    #[arg(long, default_value_t = 5555)]
    pub(crate) app_port: u16,
    /// Where to listen. Whoever can reach the demo can log in, so only this machine may.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: std::net::IpAddr,
}

/// Runs the command line and tells how it ended, as Hydra's does: 0, 1, or 255 for what was asked
/// wrongly.
#[must_use]
pub fn main() -> ExitCode {
    let verb = match Hydrus::try_parse() {
        Ok(hydrus) => hydrus.verb,
        Err(error) => {
            // Help and version are no errors, though clap hands them over as such.
            let wrong = error.use_stderr();
            let _ = error.print();
            return if wrong {
                ExitCode::from(255)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let outcome = match verb {
        Verb::Serve(args) => serve::run(&args),
        Verb::Migrate {
            what: MigrateVerb::Sql(args),
        } => migrate::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Version => {
            output::say(&format!("Version:    v{}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.message);
            ExitCode::from(failure.status)
        }
    }
}
