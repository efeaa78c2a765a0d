//! What is allowed, but probably not meant.

use crate::sections::strategies::AccessTokenStrategy;
use crate::settings::Settings;

/// Sentences for the log.
pub(crate) fn check(settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    if settings.secrets.system.is_empty() {
        found.push(
            "secrets.system is not set: the server starts, but whatever signs or encrypts will \
             fail. Give a secret of at least 16 characters."
                .to_owned(),
        );
    }
    for (name, interface) in [
        ("public", &settings.serve.public),
        ("admin", &settings.serve.admin),
    ] {
        let path = format!("serve.{name}.tls");
        if interface.tls.enabled && settings.has_half_a_pair(&path) {
            found.push(format!(
                "{path} and serve.tls name only half of a certificate and its key, so a \
                 self-signed certificate is used. Give `cert` and `key`, both by `path` or both \
                 by `base64`."
            ));
        }
    }
    let pairwise = settings
        .document
        .get("oidc.subject_identifiers.supported_types");
    let pairwise = pairwise
        .and_then(|types| types.as_array())
        .is_some_and(|types| types.iter().any(|t| t == "pairwise"));
    if pairwise && settings.strategies.access_token == AccessTokenStrategy::Jwt {
        found.push(
            "oidc.subject_identifiers.supported_types names pairwise, which does not go with \
             strategies.access_token jwt and is left out."
                .to_owned(),
        );
    }
    found
}

impl Settings {
    fn has_half_a_pair(&self, path: &str) -> bool {
        let given = |part: &str| {
            ["serve.tls", path].iter().any(|section| {
                let path = format!("{section}.{part}");
                self.document.get(&path).is_some_and(|value| value != "")
            })
        };
        let (cert, key) = (
            [given("cert.path"), given("cert.base64")],
            [given("key.path"), given("key.base64")],
        );
        let any = cert.contains(&true) || key.contains(&true);
        let whole = cert.iter().zip(key).any(|(cert, key)| *cert && key);
        any && !whole
    }
}
