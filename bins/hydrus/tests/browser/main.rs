//! The demo in a real browser: the way of a newcomer from the start page to the end of the
//! session, with a picture of every page in `target/screenshots`.
//!
//! `cargo xtask test` runs it; by hand: `CHROMEDRIVER=/usr/bin/chromedriver cargo test -p hydrus
//! --test browser`. Controls are found as assistive technology finds them, by role and label.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the helpers of a test fail by panicking and say what they skip"
)]

mod demo;
mod page;
mod webdriver;

use std::fs;
use std::path::{Path, PathBuf};

use demo::Demo;
use page::control;
use webdriver::Browser;

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "demo";
const SUBJECT: &str = "user-1815";

/// The browser, if there is a driver for one.
fn browser() -> Option<Browser> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no settings but the environment"
    )]
    let driver = std::env::var_os("CHROMEDRIVER");
    if driver.is_none() {
        println!("skipped: CHROMEDRIVER does not name a chromedriver");
    }
    driver.map(|driver| Browser::start(Path::new(&driver)))
}

/// The walk through the demo.
struct Walk {
    browser: Browser,
    screenshots: PathBuf,
    pages: usize,
    faults: Vec<String>,
}

impl Walk {
    /// Keeps pictures of the page, and what is wrong with it for the end of the walk.
    fn arrive(&mut self, name: &str) {
        self.pages += 1;
        let number = self.pages;
        let faults = page::faults(&self.browser, |look, png| {
            let file = format!("{number:02}-{name}-{look}.png");
            fs::write(self.screenshots.join(file), png).unwrap();
        });
        self.faults
            .extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }

    fn press(&self, words: &str) {
        self.browser.click(&control(&self.browser, "button", words));
    }

    fn fill(&self, words: &str, text: &str) {
        self.browser
            .fill(&control(&self.browser, "textbox", words), text);
    }

    /// The page shows these words; blanks and letter case do not count.
    fn reads(&self, words: &str) {
        let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
        let text = self.browser.text();
        let there = plain(&text).contains(&plain(words));
        assert!(
            there,
            "{} does not read “{words}” but:\n{text}",
            self.browser.url()
        );
    }
}

#[test]
fn a_newcomer_walks_from_the_start_page_to_the_end_of_the_session() {
    let Some(browser) = browser() else { return };
    let demo = Demo::start();
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&screenshots).unwrap();
    let mut walk = Walk {
        browser,
        screenshots,
        pages: 0,
        faults: Vec::new(),
    };

    walk.browser.open(&demo.start_page);
    walk.arrive("start");

    walk.press("log in");
    walk.arrive("login");
    walk.fill("email", EMAIL);
    walk.fill("password", "wrong");
    walk.press("log in");
    walk.arrive("login-refused");
    let alerts = walk.browser.elements("[role=alert]");
    assert!(!alerts.is_empty(), "a wrong password is said in an alert");
    let email = control(&walk.browser, "textbox", "email");
    assert_eq!(
        walk.browser.value(&email),
        EMAIL,
        "what was right need not be typed again"
    );

    walk.fill("password", PASSWORD);
    // Only a remembered login is one that Hydrus asks about at logout.
    let remember = control(&walk.browser, "checkbox", "remember me");
    walk.browser.click(&remember);
    walk.press("log in");
    walk.arrive("consent");
    walk.press("allow");
    walk.arrive("result");
    assert!(
        walk.browser.url().starts_with(&demo.start_page),
        "{}",
        walk.browser.url()
    );
    walk.reads(SUBJECT);
    walk.reads("auth_time");

    walk.press("refresh");
    walk.arrive("refreshed");
    walk.press("introspect");
    walk.arrive("introspected");
    walk.reads("\"active\": true");
    walk.press("userinfo");
    walk.arrive("userinfo");
    walk.reads(&format!("\"sub\": \"{SUBJECT}\""));
    walk.press("revoke");
    walk.arrive("revoked");
    walk.press("introspect");
    walk.reads("\"active\": false");

    walk.press("log out");
    walk.arrive("logout");
    walk.press("log out");
    walk.arrive("logged-out");
    walk.reads("logged out");

    assert!(walk.faults.is_empty(), "{}", walk.faults.join("\n"));
}

#[test]
fn a_page_that_breaks_the_rules_for_pages_is_found_out() {
    let Some(browser) = browser() else { return };
    let check = |html: &str, expected: &[&str]| {
        browser.open(&format!(
            "data:text/html;charset=utf-8,{}",
            html.replace('#', "%23")
        ));
        let faults = page::faults(&browser, |_, png| assert!(png.starts_with(b"\x89PNG")));
        for fault in expected {
            assert!(
                faults.iter().any(|found| found.contains(fault)),
                "{fault}: {faults:?}"
            );
        }
        assert_eq!(faults.is_empty(), expected.is_empty(), "{faults:?}");
    };
    let head = "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>\
                <title>t</title><style>:root{color-scheme:light dark}button{height:44px}</style>";
    check(
        &format!(
            "{head}<main><h1>Good</h1><form method=post><input type=hidden value=0123456789abcdef>\
             <label>Email <input></label> \
             <label>Password <input type=password></label> <button>Go</button></form></main>"
        ),
        &[],
    );
    let password = control(&browser, "textbox", "password");
    browser.fill(&password, "a");
    browser.fill(&password, "demo");
    assert_eq!(
        browser.value(&password),
        "demo",
        "what stood there is replaced"
    );
    check(
        &format!(
            "{head}<h1>a</h1><h1>b</h1><p style='width:600px;color:#888;background:#999'>grey</p>\
             <form method=post><input><button style='height:20px'>Go</button></form>"
        ),
        &[
            "exactly one h1",
            "no main",
            "phone: scrolls sideways",
            "contrast 1.2",
            "no token against forgery",
            "20 px high",
            "has no label",
        ],
    );
    check("<p>bare</p>", &["no language", "no title", "no viewport"]);
    // Pages have to work without JavaScript, so the walk does without it.
    check(
        "<title></title><script>document.title = 'ran'</script>",
        &["no title"],
    );
}
