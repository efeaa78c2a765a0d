//! `hydrus demo` as a process.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// The running demo, in a folder of its own; both go with this value.
pub(crate) struct Demo {
    process: Child,
    folder: PathBuf,
    /// The address it prints for people to open.
    pub(crate) start_page: String,
}

impl Demo {
    /// Starts it on free ports and waits until it says which address to open.
    pub(crate) fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("hydrus-browser-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let [public, admin, app] = free_ports();
        let mut process = Command::new(env!("CARGO_BIN_EXE_hydrus"))
            .arg("demo")
            .args(["--public-port", &public.to_string()])
            .args(["--admin-port", &admin.to_string()])
            .args(["--app-port", &app.to_string()])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            // Goes on reading when nobody listens any more, or the demo stops at a full pipe.
            for line in output.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let start_page = format!("http://127.0.0.1:{app}/");
        let demo = Self {
            process,
            folder,
            start_page,
        };
        let end = Instant::now() + PATIENCE;
        let mut said = Vec::new();
        loop {
            match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(demo.start_page.trim_end_matches('/')) => return demo,
                Ok(line) => said.push(line),
                Err(why) => {
                    let ended = why == RecvTimeoutError::Disconnected;
                    panic!(
                        "the demo {} without saying that {} is to be opened:\n{}",
                        if ended { "ended" } else { "waits" },
                        demo.start_page,
                        said.join("\n")
                    );
                }
            }
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Three different ports that nobody uses now.
fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
