//! As much of a WebDriver client (W3C WebDriver 2) as the walk needs: JSON over one TCP
//! connection per command. The client crates bring an HTTP stack of their own and an async
//! runtime to a test that does one thing after another.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
const STARTED: &str = "started successfully on port ";
/// The key under which WebDriver names an element (§12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) name: &'static str,
    width: u32,
    height: u32,
    phone: bool,
    dark: bool,
}

/// Every page is looked at in each of these.
pub(crate) const LOOKS: [Look; 4] = [
    Look {
        name: "light",
        width: 1280,
        height: 900,
        phone: false,
        dark: false,
    },
    Look {
        name: "dark",
        width: 1280,
        height: 900,
        phone: false,
        dark: true,
    },
    Look {
        name: "phone",
        width: 390,
        height: 844,
        phone: true,
        dark: false,
    },
    Look {
        name: "phone-dark",
        width: 390,
        height: 844,
        phone: true,
        dark: true,
    },
];

/// A control on the page.
#[derive(Debug)]
pub(crate) struct Element {
    id: String,
    /// What assistive technology calls it: `button`, `link`, `textbox`, `checkbox`, …
    pub(crate) role: String,
    /// What assistive technology reads out.
    pub(crate) label: String,
}

/// A headless Chromium and the chromedriver that drives it; both end with this value.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts chromedriver on a free port, and a browser with a fresh profile.
    pub(crate) fn start(chromedriver: &Path) -> Self {
        let mut driver = Command::new(chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(driver.stdout.take().unwrap());
        let mut port = None;
        let mut line = String::new();
        while port.is_none() && output.read_line(&mut line).unwrap() > 0 {
            port = line
                .split_once(STARTED)
                .and_then(|(_, rest)| rest.trim().trim_end_matches('.').parse().ok());
            line.clear();
        }
        // Somebody must go on reading, or chromedriver stops at a full pipe.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let port = port.expect("chromedriver says on which port it listens");
        let mut browser = Self {
            driver,
            port,
            session: String::new(),
        };
        // Root has no sandbox for Chromium to use, and containers have a small /dev/shm. The
        // pages must work without JavaScript; what this test runs in them is not affected.
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                         "--disable-gpu", "--no-first-run", "--hide-scrollbars",
                         "--disable-renderer-backgrounding",
                         "--disable-backgrounding-occluded-windows"],
                "prefs": { "profile.managed_default_content_settings.javascript": 2 },
            },
        }}});
        let session = browser.call("POST", "/session", &capabilities).unwrap();
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        browser
    }

    /// Opens an address and waits until the page is loaded.
    pub(crate) fn open(&self, url: &str) {
        self.command("POST", "/url", &json!({ "url": url }))
            .unwrap();
    }

    /// The address of the page.
    pub(crate) fn url(&self) -> String {
        self.command("GET", "/url", &Value::Null)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// The visible text of the page.
    pub(crate) fn text(&self) -> String {
        self.run("return document.body.innerText")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Runs a function body in the page.
    pub(crate) fn run(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.command("POST", "/execute/sync", &body).unwrap()
    }

    /// All elements for a CSS selector, as assistive technology sees them.
    pub(crate) fn elements(&self, css: &str) -> Vec<Element> {
        let body = json!({ "using": "css selector", "value": css });
        let found = self.command("POST", "/elements", &body).unwrap();
        let ids = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|e| e[ELEMENT].as_str());
        let ask = |id: &str, what: &str| {
            let path = format!("/element/{id}/{what}");
            self.command("GET", &path, &Value::Null)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        ids.map(|id| Element {
            id: id.to_owned(),
            role: ask(id, "computedrole"),
            label: ask(id, "computedlabel"),
        })
        .collect()
    }

    /// Clicks, and waits for the page that this opens.
    pub(crate) fn click(&self, element: &Element) {
        self.command(
            "POST",
            &format!("/element/{}/click", element.id),
            &json!({}),
        )
        .unwrap();
    }

    /// Replaces what stands in a field.
    pub(crate) fn fill(&self, field: &Element, text: &str) {
        self.command("POST", &format!("/element/{}/clear", field.id), &json!({}))
            .unwrap();
        let keys = json!({ "text": text });
        self.command("POST", &format!("/element/{}/value", field.id), &keys)
            .unwrap();
    }

    /// What stands in a field.
    pub(crate) fn value(&self, field: &Element) -> String {
        let path = format!("/element/{}/property/value", field.id);
        self.command("GET", &path, &Value::Null)
            .unwrap()
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Sets size and colour scheme for what follows.
    pub(crate) fn look(&self, look: Look) {
        self.size(look, look.height.into());
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    fn size(&self, look: Look, height: u64) {
        let size = json!({ "width": look.width, "height": height, "mobile": look.phone,
                           "deviceScaleFactor": if look.phone { 2 } else { 1 } });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// The whole page as PNG, also what is below the window's edge: the window is made as high as
    /// the page. (Chromium's own way to capture beyond the window does not always come back.)
    pub(crate) fn screenshot(&self, look: Look) -> Vec<u8> {
        let height = self.run("return document.documentElement.scrollHeight;");
        let height = height.as_u64().unwrap_or(0).max(look.height.into());
        self.size(look, height);
        // A busy machine may be too slow for chromedriver's own patience.
        let take = || self.command("GET", "/screenshot", &Value::Null);
        let picture = take().or_else(|_| take()).or_else(|_| take()).unwrap();
        self.size(look, look.height.into());
        BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    /// What the browser complained about since the last call: blocked by the content security
    /// policy, broken markup of headers, and the like.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self
            .command("POST", "/se/log", &json!({ "type": "browser" }))
            .unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        severe
            .filter_map(|entry| entry["message"].as_str().map(str::to_owned))
            .collect()
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.command("POST", "/goog/cdp/execute", &body).unwrap()
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.call(method, &format!("{}{path}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let answer = exchange(self.port, method, path, body)
            .map_err(|error| format!("{method} {path}: {error}"))?;
        match answer["value"]["error"].as_str() {
            Some(error) => Err(format!(
                "{method} {path}: {error}: {}",
                answer["value"]["message"]
            )),
            None => Ok(answer["value"].clone()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends Chromium; chromedriver alone would leave it behind.
        let _ = self.command("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// One HTTP exchange with chromedriver, which answers with `Content-Length`.
fn exchange(port: u16, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
    let body = if method == "POST" {
        body.to_string()
    } else {
        String::new()
    };
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(COMMAND_TIMEOUT))?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while answer.read_line(&mut line)? > 0 && !line.trim().is_empty() {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}
