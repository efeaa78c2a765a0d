use crate::{
    DemoClient, DemoConfig,
    accounts::{ACCOUNTS, PASSWORD},
};

/// What to print when the demo is up: the address to open, and three `curl` lines to try, with
/// the real values (the secret of the demo client among them).
#[must_use]
pub fn welcome(config: &DemoConfig, client: &DemoClient) -> String {
    let credentials = quoted(&format!("{}:{}", client.id, client.secret.expose()));
    let token_url = config.public_url("/oauth2/token");
    let introspect_url = config.admin_url("/admin/oauth2/introspect");
    let discovery_url = config.public_url("/.well-known/openid-configuration");
    let fetch = format!("curl -s -u {credentials} -d grant_type=client_credentials {token_url}");
    let pick = r#"sed 's/.*"access_token":"\([^"]*\)".*/\1/'"#;
    format!(
        "Hydrus is running. Open

    {origin}/

and log in as {email} with the password \"{PASSWORD}\". Or try it by hand:

    # A token for the client itself
    {fetch}

    # What such a token is worth
    curl -s -d token=\"$({fetch} | {pick})\" {introspect_url}

    # What this server can do
    curl -s {discovery_url}
",
        origin = config.origin(),
        email = ACCOUNTS[0].email,
    )
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use oauth_types::Secret;

    use super::*;

    #[test]
    fn the_lines_hold_the_real_values() {
        let config = DemoConfig::new(
            "http://127.0.0.1:4444/".parse().unwrap(),
            "http://127.0.0.1:4445/".parse().unwrap(),
            "127.0.0.1:5555".parse().unwrap(),
        )
        .unwrap();
        let client = DemoClient {
            id: "c-1".into(),
            secret: Secret::new("it's"),
            scope: "openid".into(),
        };
        let text = welcome(&config, &client);
        for part in [
            "http://127.0.0.1:5555/\n",
            r"-u 'c-1:it'\''s' ",
            " http://127.0.0.1:4444/oauth2/token\n",
            " http://127.0.0.1:4445/admin/oauth2/introspect\n",
            "curl -s http://127.0.0.1:4444/.well-known/openid-configuration\n",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        let curls = text.lines().filter(|l| l.trim_start().starts_with("curl "));
        assert_eq!(curls.count(), 3);
        assert!(!format!("{client:?}").contains("it's"));
    }
}
