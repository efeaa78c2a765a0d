//! An installation: folder, database, configuration, and the server that runs on them.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::database::{Database, Kind, unique_name};
use crate::http::Call;
use crate::process;

/// Starting or stopping that takes longer counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);
/// Below the ports that the system gives to clients (from 32,768 on), so that none of our own
/// connections takes one between its choice and its use.
const PORTS: std::ops::Range<u16> = 18_000..32_000;
/// About as many as all tests together need.
const PORTS_OF_A_RUN: u32 = 200;
/// What the executable says on standard output once both ports are open.
const READY: &str = "is ready";

/// A temporary folder; it goes with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(unique_name());
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A port that nobody uses now, and that no other test of this process gets.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let room = PORTS.end - PORTS.start;
    // Other runs of the tests, which have neighbouring process numbers, begin somewhere else.
    let first = (std::process::id().wrapping_mul(PORTS_OF_A_RUN) % u32::from(room)) as u16;
    for _ in 0..room {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % room;
        let port = PORTS.start + (first + step) % room;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// Folder, database and settings; servers can be started on them one after the other.
pub(crate) struct Site {
    pub(crate) settings: Value,
    _database: Database,
    // Last, so that it goes last.
    pub(crate) folder: Folder,
}

impl Site {
    /// `None` if there is no such database here.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let folder = Folder::new();
        let database = Database::new(kind, folder.path())?;
        let settings = json!({
            "dsn": database.dsn,
            "serve": {
                "public": { "host": "127.0.0.1" },
                "admin": { "host": "127.0.0.1" },
            },
            "urls": {
                "login": "http://127.0.0.1:1/login",
                "consent": "http://127.0.0.1:1/consent",
                "logout": "http://127.0.0.1:1/logout",
                "error": "http://127.0.0.1:1/error",
                "post_logout_redirect": "http://127.0.0.1:1/bye",
            },
            "secrets": { "system": ["a-system-secret-for-tests-only"] },
            "log": { "level": "warn" },
            // Slow hashes and keys of 4096 bits only cost time here.
            "oauth2": { "hashers": { "pbkdf2": { "iterations": 1000 } } },
            "hydrus": { "keys": { "rsa_bits": 2048 } },
        });
        Some(Self {
            settings,
            _database: database,
            folder,
        })
    }

    /// Starts `serve all --dev` on free ports and waits until both are open. The issuer is that
    /// of the first start.
    pub(crate) fn start(&mut self) -> Server {
        let mut server = self.spawn();
        // Somebody else may have taken a port in the moment between its choice and its use.
        while !server.gets_ready() {
            let log = server.log();
            assert!(
                log.contains("in use"),
                "the server does not start; log:\n{log}"
            );
            server = self.spawn();
        }
        server
    }

    fn spawn(&mut self) -> Server {
        let [public, admin] = [free_port(), free_port()];
        self.settings["serve"]["public"]["port"] = public.into();
        self.settings["serve"]["admin"]["port"] = admin.into();
        if self.settings["urls"]["self"].is_null() {
            self.settings["urls"]["self"] = json!({
                "issuer": format!("http://127.0.0.1:{public}/"),
                "admin": format!("http://127.0.0.1:{admin}/"),
            });
        }
        let settings = self.settings.to_string();
        let file = self.folder.write("hydrus.json", &settings);
        let log = self.folder.path().join(format!("{public}.log"));
        let mut child = process::hydrus(["serve", "all", "--dev", "-c", &file])
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            // Goes on reading when nobody listens any more, or the server stops at a full pipe.
            for line in output.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Server {
            child,
            lines,
            log,
            public,
            admin,
        }
    }
}

/// A running server; it is killed when this value goes.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    log: PathBuf,
    pub(crate) public: u16,
    pub(crate) admin: u16,
}

impl Server {
    /// Whether both ports are open; `false` if it has ended instead.
    fn gets_ready(&self) -> bool {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(READY) => return true,
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the server does not get ready; log:\n{}", self.log())
                }
            }
        }
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends a signal, named without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        process::signal(self.child.id(), name);
    }

    /// Ends it as a power cut would, at any instruction.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(_) => {}
                // Standard output is closed: it has ended, or is just about to.
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the server does not stop; log:\n{}", self.log())
                }
            }
        }
    }

    /// It runs, answers on both ports, and nothing in it has panicked.
    #[track_caller]
    pub(crate) fn is_well(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert_eq!(ended, None, "the server has ended; log:\n{}", self.log());
        for port in [self.public, self.admin] {
            let ready = Call::get("/health/ready").send(port).expect(200);
            assert_eq!(ready.json(), json!({ "status": "ok" }));
        }
        let log = self.log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            eprintln!("the last lines of the server's log:\n{}", tail.join("\n"));
        }
    }
}
