//! A private PostgreSQL: own folder, own port on loopback, gone after `down`.

use std::fs::{self, File, Metadata};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::{install, run};

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);
/// Longest path of a Unix socket that the kernel takes, less the name PostgreSQL appends.
const SOCKET_FOLDER_MAX: usize = 107 - "/.s.PGSQL.65535".len();

/// A server that was started here, by this process or an earlier one.
pub(crate) struct Postgres {
    state: State,
    state_file: PathBuf,
    child: Option<Child>,
    /// This call started it, so this call is to stop it.
    pub(crate) fresh: bool,
}

/// `target/db/postgres.json`.
#[derive(Serialize, Deserialize)]
struct State {
    dsn: String,
    pid: u32,
    port: u16,
    dir: PathBuf,
}

impl State {
    fn pid_file(&self) -> PathBuf {
        self.dir.join("data/postmaster.pid")
    }

    /// The process is ours if its folder says so, and alive if its port answers: the number of
    /// a process alone may have gone to a stranger.
    fn is_alive(&self) -> bool {
        let ours = fs::read_to_string(self.pid_file())
            .is_ok_and(|text| text.lines().next() == Some(self.pid.to_string().as_str()));
        ours && TcpStream::connect_timeout(&loopback(self.port), Duration::from_secs(1)).is_ok()
    }
}

impl Postgres {
    /// The server that `up` started, if it still runs.
    pub(crate) fn running(target: &Path) -> Option<Self> {
        let state_file = state_file(target);
        let state: State = serde_json::from_slice(&fs::read(&state_file).ok()?).ok()?;
        if state.is_alive() {
            return Some(Self {
                state,
                state_file,
                child: None,
                fresh: false,
            });
        }
        // What a killed server left behind is of no use to anybody.
        remove(&state, &state_file);
        None
    }

    /// Starts the server, or finds it running. `detached`: it outlives Ctrl-C at this terminal.
    ///
    /// # Errors
    /// PostgreSQL is not installed and cannot be installed from here, or does not start.
    pub(crate) fn up(target: &Path, detached: bool) -> Result<Self, String> {
        if let Some(running) = Self::running(target) {
            return Ok(running);
        }
        let programs = programs()?;
        let owner = if run::is_root() {
            Some(unprivileged()?)
        } else {
            None
        };
        let dir = folder(target, owner.as_ref())?;
        let as_owner = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(&dir).stdin(Stdio::null());
            if let Some(owner) = &owner {
                command.uid(owner.uid).gid(owner.gid);
            }
            command
        };
        let mut initdb = as_owner("initdb");
        initdb.args(["-D", "data", "-U", "hydrus", "--auth=trust", "-E", "UTF8"]);
        run::read(initdb.args(["--locale=C", "--no-sync"]))?;

        let log =
            File::create(dir.join("postgres.log")).map_err(|e| cannot("write in", &dir, &e))?;
        let both = log.try_clone().map_err(|e| cannot("write in", &dir, &e))?;
        let port = free_port()?;
        let socket = if dir.as_os_str().len() > SOCKET_FOLDER_MAX {
            Path::new("")
        } else {
            &dir
        };
        let mut server = as_owner("postgres");
        server.args([
            "-D",
            "data",
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=on",
        ]);
        server.args(["-c", "max_connections=300", "-c", "logging_collector=off"]);
        server.args(["-c", &format!("port={port}")]);
        server.args([
            "-c",
            &format!("unix_socket_directories={}", socket.display()),
        ]);
        server.stdout(log).stderr(both);
        if detached {
            server.process_group(0);
        }
        let child = server
            .spawn()
            .map_err(|e| cannot("start", &programs.join("postgres"), &e))?;

        let state = State {
            dsn: format!("postgres://hydrus@127.0.0.1:{port}/postgres?sslmode=disable"),
            pid: child.id(),
            port,
            dir,
        };
        let state_file = state_file(target);
        let json = serde_json::to_vec_pretty(&state).map_err(|error| error.to_string())?;
        fs::write(&state_file, json).map_err(|e| cannot("write", &state_file, &e))?;
        let mut postgres = Self {
            state,
            state_file,
            child: Some(child),
            fresh: true,
        };
        postgres.wait_until_ready()?;
        Ok(postgres)
    }

    /// A DSN whose user may create databases.
    pub(crate) fn dsn(&self) -> &str {
        &self.state.dsn
    }

    /// Stops the server and removes its data.
    ///
    /// # Errors
    /// It does not stop in time.
    pub(crate) fn down(mut self) -> Result<(), String> {
        // SIGINT is PostgreSQL's "fast" stop: no waiting for clients, nothing lost.
        run::read(Command::new("kill").args(["-INT", &self.state.pid.to_string()]))?;
        let end = Instant::now() + PATIENCE;
        while self.state.pid_file().exists() {
            if Instant::now() > end {
                return Err(format!(
                    "PostgreSQL does not stop (process {})",
                    self.state.pid
                ));
            }
            std::thread::sleep(PAUSE);
        }
        if let Some(child) = &mut self.child {
            child.wait().map_err(|error| error.to_string())?;
        }
        remove(&self.state, &self.state_file);
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        loop {
            // The last line of the file is the state of the server.
            let file = fs::read_to_string(self.state.pid_file()).unwrap_or_default();
            if file
                .lines()
                .last()
                .is_some_and(|line| line.trim() == "ready")
            {
                return Ok(());
            }
            let exited = match &mut self.child {
                Some(child) => child
                    .try_wait()
                    .map_err(|error| error.to_string())?
                    .is_some(),
                None => false,
            };
            if exited || Instant::now() > end {
                let log = fs::read_to_string(self.state.dir.join("postgres.log"));
                return Err(format!(
                    "PostgreSQL does not start:\n{}",
                    log.unwrap_or_default()
                ));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// The user that runs the server when we are root, which PostgreSQL refuses to be.
struct Owner {
    uid: u32,
    gid: u32,
}

fn unprivileged() -> Result<Owner, String> {
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| owner(&users, name))
        .ok_or_else(|| "neither a user postgres nor nobody to run PostgreSQL as".to_owned())
}

fn owner(users: &str, name: &str) -> Option<Owner> {
    let mut fields = users
        .lines()
        .map(|l| l.split(':'))
        .find(|f| f.clone().next() == Some(name))?;
    Some(Owner {
        uid: fields.nth(2)?.parse().ok()?,
        gid: fields.next()?.parse().ok()?,
    })
}

/// The folder that holds `initdb` and `postgres`: Debian's newest, else wherever the shell finds it.
fn programs() -> Result<PathBuf, String> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    install::install("PostgreSQL (initdb)", &["postgresql"])?;
    installed().ok_or_else(|| "the package postgresql brought no initdb".to_owned())
}

fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
        .max_by_key(|bin| {
            let version = bin.parent().and_then(Path::file_name).unwrap_or_default();
            version.to_string_lossy().parse::<u32>().unwrap_or(0)
        });
    newest.or_else(|| {
        let initdb = fs::canonicalize(run::find("initdb")?).ok()?;
        initdb
            .parent()
            .filter(|bin| bin.join("postgres").exists())
            .map(Path::to_owned)
    })
}

/// A new folder in the target folder; or in the system's, if the server's user cannot get there.
fn folder(target: &Path, owner: Option<&Owner>) -> Result<PathBuf, String> {
    let parent = target.join("db");
    fs::create_dir_all(&parent).map_err(|e| cannot("create", &parent, &e))?;
    let may_pass = |m: Metadata| m.mode() & 0o001 != 0;
    let reachable = parent
        .ancestors()
        .all(|dir| fs::metadata(dir).is_ok_and(may_pass));
    let parent = if owner.is_none() || reachable {
        parent
    } else {
        std::env::temp_dir()
    };
    let dir = parent.join(format!("hydrus-postgres-{}", std::process::id()));
    // Creating fails if something of this name is there, so nobody can slip us a folder.
    let created = fs::DirBuilder::new().mode(0o700).create(&dir);
    created.map_err(|e| cannot("create", &dir, &e))?;
    if let Some(owner) = owner {
        std::os::unix::fs::chown(&dir, Some(owner.uid), Some(owner.gid))
            .map_err(|e| cannot("give away", &dir, &e))?;
    }
    Ok(dir)
}

fn remove(state: &State, state_file: &Path) {
    let name = state.dir.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("hydrus-postgres-") {
        // Failing leaves a folder behind that the next `cargo clean` or reboot removes.
        let _ = fs::remove_dir_all(&state.dir);
    }
    let _ = fs::remove_file(state_file);
}

fn state_file(target: &Path) -> PathBuf {
    target.join("db/postgres.json")
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind(loopback(0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on loopback: {error}"))
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_the_user_of_exactly_that_name() {
        let users = "root:x:0:0::/:/bin/sh\npostgresql:x:7:8::/:\npostgres:x:101:104:,,,:/var:\n";
        let found = owner(users, "postgres").unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert!(owner(users, "nobody").is_none());
    }

    #[test]
    fn a_server_whose_folder_is_gone_is_not_alive_even_if_its_port_answers() {
        let stranger = TcpListener::bind(loopback(0)).unwrap();
        let state = State {
            dsn: String::new(),
            pid: std::process::id(),
            port: stranger.local_addr().unwrap().port(),
            dir: PathBuf::from("/nonexistent/hydrus-postgres-0"),
        };
        assert!(!state.is_alive());
    }
}
