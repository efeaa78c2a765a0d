use std::net::IpAddr;

use async_trait::async_trait;
use oauth_types::{ClientId, FetchError, FetchRequest, FetchResponse, Reach, Secret};

use super::*;
use crate::ClientKeys;

/// Documents and names in memory.
struct Listed;

#[async_trait]
impl Fetch for Listed {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let body: &[u8] = match request.url.as_str() {
            "https://sector/" => br#"["https://a/cb","https://b/cb"]"#,
            "https://broken/" => b"{}",
            other => return Err(FetchError::Unreachable(other.to_owned())),
        };
        let (status, body) = (404, body.to_vec());
        Ok(FetchResponse { status, body })
    }

    async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        match host {
            "inside" => vec![[8, 8, 8, 8].into(), [10, 0, 0, 7].into()],
            literal => literal.parse().into_iter().collect(),
        }
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&t| t.to_owned()).collect()
}

fn keys(json: &str) -> Option<ClientKeys> {
    ClientKeys::parse(json).ok()
}

fn some_keys() -> Option<ClientKeys> {
    keys(
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    )
}

fn policy() -> ClientPolicy {
    ClientPolicy {
        default_scope: vec![],
        subject_types: texts(&["public", "pairwise"]),
        reach: Reach::Everywhere,
    }
}

fn check_with(
    policy: &ClientPolicy,
    secret: &str,
    change: impl FnOnce(&mut Client),
) -> Result<Client, ClientFault> {
    let mut client = Client::new(ClientId::new("c"));
    change(&mut client);
    let secret = Secret::new(secret);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let checked = validate(&mut client, &secret, policy, &Listed);
    runtime.unwrap().block_on(checked).map(|()| client)
}

fn check(change: impl FnOnce(&mut Client)) -> Result<Client, ClientFault> {
    check_with(&policy(), "", change)
}

#[test]
fn defaults_are_filled_in() {
    let client = check(|_| {}).unwrap();
    assert_eq!(client.token_endpoint_auth_method, "client_secret_basic");
    assert_eq!(client.scope, "offline_access offline openid");
    assert_eq!(client.userinfo_signed_response_alg, "none");
    assert_eq!(client.subject_type, "public");
    let own = ClientPolicy {
        default_scope: texts(&["a", "b"]),
        subject_types: texts(&["pairwise"]),
        ..ClientPolicy::default()
    };
    let client = check_with(&own, "", |_| {}).unwrap();
    assert_eq!(
        (client.scope.as_str(), client.subject_type.as_str()),
        ("a b", "pairwise")
    );
    assert_eq!(check(|c| c.scope = " ".into()).unwrap().scope, " ");
}

#[test]
fn private_key_jwt_needs_keys_and_a_known_algorithm() {
    for (jwks, jwks_uri, alg, fault) in [
        (None, "", "", Some(ClientFault::NoKeys)),
        (None, "", "HS256", Some(ClientFault::NoKeys)),
        (keys("{}"), "", "", None),
        (keys(r#"{"keys":[]}"#), "", "", None),
        (None, "https://a/jwks", "", None),
        (some_keys(), "", "ES512", None),
        (some_keys(), "", "EdDSA", Some(ClientFault::AuthSigningAlg)),
        (some_keys(), "", "rs256", Some(ClientFault::AuthSigningAlg)),
        (
            some_keys(),
            "https://a/jwks",
            "",
            Some(ClientFault::KeysTwice),
        ),
    ] {
        let label = format!("{jwks:?} {jwks_uri} {alg}");
        let result = check(|c| {
            c.token_endpoint_auth_method = "private_key_jwt".into();
            (c.jwks, c.jwks_uri) = (jwks, jwks_uri.into());
            c.token_endpoint_auth_signing_alg = alg.into();
        });
        assert_eq!(result.err(), fault, "{label}");
    }
    assert!(check(|c| c.token_endpoint_auth_signing_alg = "HS256".into()).is_ok());
}

#[test]
fn empty_sets_may_stand_beside_jwks_uri() {
    for (jwks, good) in [
        (None, true),
        (keys("{}"), true),
        (keys(r#"{"keys":null}"#), true),
        (keys(r#"{"keys":[]}"#), true),
        (some_keys(), false),
    ] {
        let label = format!("{jwks:?}");
        let result = check(|c| (c.jwks, c.jwks_uri) = (jwks, "not a uri".into()));
        assert_eq!(result.is_ok(), good, "{label}");
    }
}

#[test]
fn secrets_have_six_bytes_at_least() {
    for (secret, good) in [
        ("", true),
        ("12345", false),
        ("123456", true),
        ("äöü", true),
        ("äö", false),
    ] {
        let result = check_with(&policy(), secret, |_| {});
        assert_eq!(
            result.err(),
            (!good).then_some(ClientFault::SecretTooShort),
            "{secret}"
        );
    }
}

#[test]
fn origins_are_written_in_one_form() {
    for (origin, kept) in [
        ("https://a.example.org", "https://a.example.org"),
        ("https://a.example.org///", "https://a.example.org"),
        ("https://a.example.org/#", "https://a.example.org"),
        ("HTTPS://A.example.org", "https://A.example.org"),
        ("https://a.example.org:443", "https://a.example.org:443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://*.example.org", "https://*.example.org"),
        ("http://*", "http://*"),
    ] {
        let client = check(|c| c.allowed_cors_origins = texts(&[origin, origin])).unwrap();
        assert_eq!(client.allowed_cors_origins, [kept, kept]);
    }
}

#[test]
fn what_is_no_origin_is_refused_by_name() {
    type Fault = fn(String) -> ClientFault;
    let (scheme, user, parts): (Fault, Fault, Fault) = (
        ClientFault::OriginScheme,
        ClientFault::OriginUser,
        ClientFault::OriginParts,
    );
    for (origin, fault) in [
        ("*", scheme),
        ("null", scheme),
        ("", scheme),
        ("a.example.org", scheme),
        ("//a.example.org", scheme),
        ("ftp://a.example.org", scheme),
        ("https://user@a.example.org", user),
        ("https://user:pw@a.example.org/path", user),
        ("https://a.example.org/path/", parts),
        ("https://a.example.org?x=1", parts),
        ("https://a.example.org/#part", parts),
    ] {
        let result = check(|c| c.allowed_cors_origins = texts(&["https://ok", origin, "*"]));
        assert_eq!(result.err(), Some(fault(origin.to_owned())));
    }
    for origin in [
        "http://localhost:*",
        "https://a b.org",
        "https://a/%zz",
        "https://[::1",
    ] {
        let result = check(|c| c.allowed_cors_origins = texts(&[origin]));
        let unreadable = matches!(result, Err(ClientFault::OriginUnreadable { .. }));
        assert!(unreadable, "{origin}");
    }
}

#[test]
fn a_sector_lists_all_redirect_uris() {
    for (uri, redirect_uris, good) in [
        ("https://sector/", vec!["https://a/cb"], true),
        ("https://sector/", vec![], true),
        (
            "https://sector/",
            vec!["https://a/cb", "https://c/cb"],
            false,
        ),
        ("https://broken/", vec!["https://a/cb"], false),
        ("https://elsewhere/", vec!["https://a/cb"], false),
        ("http://sector/", vec!["https://a/cb"], false),
        ("sector", vec![], false),
        ("", vec!["https://c/cb"], true),
    ] {
        let result = check(|c| {
            c.sector_identifier_uri = uri.into();
            c.redirect_uris = texts(&redirect_uris);
        });
        assert_eq!(
            result.err(),
            (!good).then_some(ClientFault::Sector),
            "{uri}"
        );
    }
    for uri in ["https://a:port/", "https://[::1", "%zz"] {
        let result = check(|c| c.sector_identifier_uri = uri.into());
        assert!(
            matches!(result, Err(ClientFault::SectorUnreadable(_))),
            "{uri}"
        );
    }
}

#[test]
fn the_first_bad_redirect_uri_is_named() {
    for (uris, fault) in [
        (vec!["https://a/cb", "https://a/cb"], None),
        (
            vec!["https://a/cb", "nope", "neither"],
            Some(ClientFault::RedirectUri("nope".into())),
        ),
        (
            vec!["https://a/#x", "nope"],
            Some(ClientFault::RedirectFragment),
        ),
        (
            vec!["nope", "https://a/#x"],
            Some(ClientFault::RedirectUri("nope".into())),
        ),
        (vec!["https://a/cb#"], Some(ClientFault::RedirectFragment)),
        (vec![""], Some(ClientFault::RedirectUri(String::new()))),
    ] {
        let result = check(|c| c.redirect_uris = texts(&uris));
        assert_eq!(result.err(), fault, "{uris:?}");
    }
}

#[test]
fn post_logout_uris_share_scheme_host_and_port_with_a_redirect_uri() {
    let registered = [
        "https://a.org/cb",
        "http://b.org:8080/cb?x=1",
        "com.app:/cb",
    ];
    let foreign: fn(String) -> ClientFault = ClientFault::PostLogoutHost;
    let unreadable: fn(String) -> ClientFault = ClientFault::PostLogoutUri;
    for (uri, fault) in [
        ("https://a.org/elsewhere?x=1", None),
        ("https://a.org", None),
        ("https://user@a.org/", None),
        ("http://b.org:8080/", None),
        ("com.app:/bye", None),
        ("com.app:bye", None),
        ("HTTPS://a.org/", None),
        ("https://a.org/#part", None),
        ("https://a.org:443/", Some(foreign)),
        ("http://a.org/", Some(foreign)),
        ("https://A.org/", Some(foreign)),
        ("https://www.a.org/", Some(foreign)),
        ("http://b.org/", Some(foreign)),
        ("com.other:/bye", Some(foreign)),
        ("/bye", Some(foreign)),
        ("bye", Some(unreadable)),
        ("", Some(unreadable)),
        ("https://a.org:port/", Some(unreadable)),
    ] {
        let result = check(|c| {
            c.redirect_uris = texts(&registered);
            c.post_logout_redirect_uris = texts(&[uri]);
        });
        assert_eq!(result.err(), fault.map(|f| f(uri.to_owned())), "{uri}");
    }
}

#[test]
fn subject_types_are_the_server_s_spelled_exactly() {
    let fault = |given: &str, supported: &[&str]| ClientFault::SubjectType {
        given: given.into(),
        supported: texts(supported),
    };
    for given in ["Public", "private", "public pairwise", " public"] {
        let result = check(|c| c.subject_type = given.into());
        assert_eq!(result.err(), Some(fault(given, &["public", "pairwise"])));
    }
    let none = ClientPolicy::default();
    for given in ["", "pairwise"] {
        let result = check_with(&none, "", |c| c.subject_type = given.into());
        assert_eq!(result.err(), Some(fault(given, &[])), "{given:?}");
    }
}

#[test]
fn userinfo_is_signed_with_rs256_or_not_at_all() {
    for (alg, good) in [
        ("none", true),
        ("RS256", true),
        ("", true),
        ("rs256", false),
        ("ES256", false),
    ] {
        let result = check(|c| c.userinfo_signed_response_alg = alg.into());
        assert_eq!(
            result.err(),
            (!good).then_some(ClientFault::UserinfoAlg),
            "{alg}"
        );
    }
}

#[test]
fn of_several_faults_the_first_in_order_is_told() {
    type Mend = fn(&mut Client, &mut &str);
    let steps: [(Mend, &str); 9] = [
        (|c, _| c.jwks = some_keys(), "either jwks or jwks_uri"),
        (
            |c, _| c.token_endpoint_auth_signing_alg.clear(),
            "Only RS256",
        ),
        (|_, secret| *secret = "", "Field client_secret"),
        (|c, _| c.allowed_cors_origins.clear(), "Origin URL"),
        (|c, _| c.sector_identifier_uri.clear(), ""),
        (
            |c, _| c.userinfo_signed_response_alg.clear(),
            "Field userinfo",
        ),
        (|c, _| c.redirect_uris.clear(), "Unable to parse redirect"),
        (|c, _| c.subject_type.clear(), "Subject type"),
        (
            |c, _| c.post_logout_redirect_uris.clear(),
            "post_logout_redirect_uri",
        ),
    ];
    let mut client = Client::new(ClientId::new("c"));
    let mut secret = "short";
    client.token_endpoint_auth_method = "private_key_jwt".into();
    client.token_endpoint_auth_signing_alg = "HS256".into();
    client.allowed_cors_origins = texts(&["*"]);
    client.sector_identifier_uri = "http://a/".into();
    client.userinfo_signed_response_alg = "HS256".into();
    client.redirect_uris = texts(&["nope"]);
    client.subject_type = "secret".into();
    client.post_logout_redirect_uris = texts(&["https://a/"]);
    for (mend, text) in steps {
        let fault = check_with(&policy(), secret, |c| *c = client.clone()).unwrap_err();
        assert!(
            fault.to_string().starts_with(text) || fault.to_string().contains(text),
            "{fault}"
        );
        mend(&mut client, &mut secret);
    }
    assert!(check_with(&policy(), secret, |c| *c = client).is_ok());
}

#[test]
fn addresses_that_the_server_would_call_are_public_where_that_is_demanded() {
    let public_only = ClientPolicy {
        reach: Reach::PublicOnly,
        ..policy()
    };
    for (uri, range) in [
        (
            "http://127.0.0.1/x",
            Some("127.0.0.1 is in the 127.0.0.0/8"),
        ),
        (
            "http://[::ffff:10.1.2.3]:80/",
            Some("10.1.2.3 is in the 10.0.0.0/8"),
        ),
        (
            "http://169.254.169.254",
            Some("169.254.169.254 is in the 169.254.0.0/16"),
        ),
        ("https://inside/jwks", Some("10.0.0.7 is in the 10.0.0.0/8")),
        ("https://8.8.8.8/x", None),
        ("https://no-such-name/x", None),
        ("", None),
        ("%zz", None),
    ] {
        let fields: [(&str, fn(&mut Client, String)); 3] = [
            ("jwks_uri", |c, uri| c.jwks_uri = uri),
            ("backchannel_logout_uri", |c, uri| {
                c.backchannel_logout_uri = uri
            }),
            ("request_uris.1", |c, uri| {
                c.request_uris = vec!["https://8.8.8.8/".into(), uri];
            }),
        ];
        for (field, put) in fields {
            assert!(check(|c| put(c, uri.into())).is_ok(), "not demanded");
            let told = check_with(&public_only, "", |c| put(c, uri.into()));
            let told = told.err().map(|fault| fault.to_string());
            let expected = range.map(|range| {
                format!(
                    "Client IP address is not allowed: key {field} validation is failing: ip \
                     {range} range"
                )
            });
            assert_eq!(told, expected, "{uri}");
        }
    }
    let browsers_visit = check_with(&public_only, "", |c| {
        c.redirect_uris = texts(&["http://127.0.0.1/cb"]);
        c.frontchannel_logout_uri = "http://10.0.0.1/".into();
    });
    assert!(browsers_visit.is_ok());
}
