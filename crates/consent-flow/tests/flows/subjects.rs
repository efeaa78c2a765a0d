//! What a client knows a user as (authorization document 6.8).

use client_registry::Client;
use consent_flow::{SubjectPolicy, client_subject};
use oauth_types::{ClientId, OAuthError};

const OF_THE_HOST: &str = "def722c506734dc27b00b639910e189a124ef1501025caca12793e8d40c224a7";
const OF_THE_SECTOR: &str = "f0d880b7328316aaf4dde09adc5aae1216a230640d4480a735e56a541109b355";
const SALT: &str = "a-long-random-salt";

/// The subject `user-7` of a client, or why there is none.
fn check(
    kind: &str,
    sector: &str,
    uris: &[&str],
    salt: Option<&str>,
    forced: &str,
    expected: &str,
) {
    let mut client = Client::new(ClientId::new("web"));
    client.subject_type = kind.into();
    client.sector_identifier_uri = sector.into();
    client.redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
    let policy = SubjectPolicy {
        pairwise_salt: salt.map(str::to_owned),
    };
    let told = match client_subject(&client, "user-7", forced, &policy) {
        Ok(subject) => subject,
        Err(error) => {
            let error = OAuthError::from(error);
            assert_eq!((error.status(), error.name()), (400, "invalid_request"));
            error.description(false)
        }
    };
    let case = format!("{kind} {sector} {uris:?} {salt:?} {forced}");
    assert!(
        told == expected || told.ends_with(&format!(" {expected}")),
        "{case}: {told}"
    );
}

#[test]
fn pairwise_clients_get_a_hash_over_sector_subject_and_salt() {
    let uri = "https://app.example.org/sector.json";
    let host = ["https://app.example.org/cb"];
    for (kind, sector, uris, salt, forced, expected) in [
        ("public", uri, host.as_slice(), Some(SALT), "", "user-7"),
        ("", "", &host, Some(SALT), "forced", "user-7"),
        ("public", "", &[], None, "forced", "user-7"),
        ("pairwise", uri, &[], Some(SALT), "", OF_THE_SECTOR),
        ("pairwise", uri, &host, Some(SALT), "", OF_THE_SECTOR),
        ("pairwise", "", &host, Some(SALT), "", OF_THE_HOST),
        (
            "pairwise",
            "",
            &["https://user@app.example.org?x=1"],
            Some(SALT),
            "",
            OF_THE_HOST,
        ),
        ("pairwise", "", &host, Some(SALT), "forced", "forced"),
        ("pairwise", "", &[], Some(SALT), "forced", "forced"),
    ] {
        check(kind, sector, uris, salt, forced, expected);
    }
}

#[test]
fn pairwise_clients_without_a_sector_or_a_salt_get_none() {
    let one = ["https://a.example/"];
    let two = ["https://a.example/", "https://b.example/"];
    let off = "Subject Identifier Algorithm 'pairwise' was requested by OAuth 2.0 Client 'web' but \
               is not configured.";
    check("pairwise", "", &one, None, "", off);
    check("pairwise", "", &one, None, "forced", off);
    let advice = "which is not allowed when performing using subject type pairwise. Please \
                  reconfigure the OAuth 2.0 client properly.";
    let ambiguous = format!(
        "OAuth 2.0 Client web has multiple redirect_uris but no sector_identifier_uri was set \
         {advice}"
    );
    check("pairwise", "", &two, Some(SALT), "", &ambiguous);
    let nowhere = format!(
        "OAuth 2.0 Client web neither specifies a sector_identifier_uri nor a redirect_uri {advice}"
    );
    check("pairwise", "", &[], Some(SALT), "", &nowhere);
}

#[test]
fn another_port_is_another_sector_and_another_salt_another_subject() {
    let subject = |uri: &str, salt: &str| {
        let mut client = Client::new(ClientId::new("web"));
        client.subject_type = "pairwise".into();
        client.redirect_uris = vec![uri.to_owned()];
        let policy = SubjectPolicy {
            pairwise_salt: Some(salt.to_owned()),
        };
        client_subject(&client, "user-7", "", &policy).expect("pairwise is set up")
    };
    let plain = subject("https://app.example.org/cb", SALT);
    assert_eq!(plain, subject("https://app.example.org/other", SALT));
    assert_ne!(plain, subject("https://app.example.org:8443/cb", SALT));
    assert_ne!(plain, subject("https://app.example.org/cb", "another-salt"));
}
