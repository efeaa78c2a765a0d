//! What holds for every page: reachable by assistive technology, readable, fitting the screen.

use serde_json::Value;

use crate::webdriver::{Browser, Element, LOOKS};

/// What people can operate.
const CONTROLS: &str = "a[href], button, summary, select, textarea, input:not([type=hidden])";

/// The control with this role whose label contains the words, in any letter case. A `button` may
/// be a link that looks like one.
pub(crate) fn control(browser: &Browser, role: &str, words: &str) -> Element {
    let controls = browser.elements(CONTROLS);
    let roles = if role == "button" {
        &["button", "link"][..]
    } else {
        &[role]
    };
    let wanted = words.to_lowercase();
    let fits =
        |e: &&Element| roles.contains(&e.role.as_str()) && e.label.to_lowercase().contains(&wanted);
    // A button comes before a link of the same name, such as one in the header of the page.
    let mut fitting: Vec<usize> = (0..controls.len())
        .filter(|at| fits(&&controls[*at]))
        .collect();
    fitting.sort_by_key(|at| controls[*at].role != role);
    let Some(at) = fitting.first().copied() else {
        let there: Vec<String> = controls
            .iter()
            .map(|e| format!("{} “{}”", e.role, e.label))
            .collect();
        panic!(
            "no {role} “{words}” on {}; there are: {}",
            browser.url(),
            there.join(", ")
        );
    };
    let mut controls = controls;
    controls.swap_remove(at)
}

/// Looks at the page in every size and colour scheme, gives each picture to `keep`, and returns
/// what is wrong with it.
pub(crate) fn faults(browser: &Browser, mut keep: impl FnMut(&str, &[u8])) -> Vec<String> {
    let mut faults = Vec::new();
    for look in LOOKS {
        browser.look(look);
        keep(look.name, &browser.screenshot(look));
        let found = browser.run(RULES);
        let found = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        faults.extend(found.map(|fault| format!("{}: {fault}", look.name)));
    }
    browser.look(LOOKS[0]);
    for element in browser.elements(CONTROLS) {
        if element.label.trim().is_empty() {
            faults.push(format!("a {} has no label", element.role));
        }
    }
    // That a document is missing or refused is part of the walk (401, favicon).
    let complaints = browser.complaints().into_iter();
    faults.extend(complaints.filter(|text| !text.contains("Failed to load resource")));
    faults
}

/// Returns texts. Contrast is that of WCAG 2.2 §1.4.3, sizes of targets are §2.5.5.
const RULES: &str = r#"
const faults = [];
if (!document.documentElement.lang) faults.push("the page names no language");
if (!document.title.trim()) faults.push("the page has no title");
if (document.querySelectorAll("h1").length !== 1) faults.push("not exactly one h1");
if (!document.querySelector("main")) faults.push("no main landmark");
if (!document.querySelector("meta[name=viewport]")) faults.push("no viewport");
const { scrollWidth, clientWidth } = document.documentElement;
if (scrollWidth > clientWidth) faults.push(`scrolls sideways: ${scrollWidth} of ${clientWidth} px`);
for (const form of document.forms) {
  if (form.method !== "post") continue;
  if (![...form.elements].some(e => e.type === "hidden" && e.value.length >= 16))
    faults.push(`form ${form.action} carries no token against forgery`);
}
const visible = e => e.checkVisibility && e.checkVisibility() && e.getClientRects().length > 0;
for (const e of document.querySelectorAll("button, input[type=submit]")) {
  const { height } = e.getBoundingClientRect();
  if (visible(e) && height < 43.5) faults.push(`“${e.innerText || e.value}” is ${height} px high`);
}
const rgba = text => {
  const parts = /^rgba?\(([^)]*)\)$/.exec(text);
  return parts && parts[1].split(/[\s,\/]+/).map(Number);
};
const light = ([r, g, b]) => [r, g, b]
  .map(c => c / 255)
  .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const canvas = matchMedia("(prefers-color-scheme: dark)").matches
  && /dark/.test(getComputedStyle(document.documentElement).colorScheme)
  ? [18, 18, 18, 1] : [255, 255, 255, 1];
const behind = e => {
  for (; e; e = e.parentElement) {
    const colour = rgba(getComputedStyle(e).backgroundColor);
    if (colour && (colour[3] ?? 1) === 1) return colour;
  }
  return canvas;
};
for (const e of document.body.querySelectorAll("*")) {
  const own = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join("");
  if (!own || !visible(e) || e.disabled || e.closest("noscript")) continue;
  const style = getComputedStyle(e), colour = rgba(style.color);
  if (!colour) continue;
  const [a, b] = [light(colour), light(behind(e))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
  const enough = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
  if (ratio < enough) faults.push(`contrast ${ratio.toFixed(1)}: “${own.slice(0, 40)}”`);
}
return faults;
"#;
