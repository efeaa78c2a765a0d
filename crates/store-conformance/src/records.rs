//! Records to test with. They look like real ones: identifiers have their usual length and
//! alphabet, payloads are bytes that are no text. Equal names give equal records.

use std::hash::{DefaultHasher, Hash, Hasher};

use client_registry::ClientRecord;
use consent_flow::{
    ConsentRecord, DeliveryRecord, FlowRecord, FlowState, LogoutRecord, LogoutState, Revision,
    SessionRecord,
};
use jwk_store::KeyRecord;
use oauth_core::{
    AccessRecord, CodeRecord, Generation, GrantRecord, IssuerRecord, NewTokens, RefreshRecord,
    RepeatableAnswer, Rotation,
};
use oauth_types::{
    AccessSignature, ClientGuard, ClientId, ClientVersion, CodeSignature, ConsentChallenge,
    GrantId, LoginChallenge, LogoutChallenge, RefreshSignature, SecretHash, SessionId, Subject,
    Timestamp, VerifierHash,
};

/// A moment: seconds after (or before) the start of the test.
#[must_use]
pub fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

/// Hexadecimal digits that depend on `of` only.
#[must_use]
pub fn hex(of: &str, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    for part in 0u32.. {
        if text.len() >= digits {
            break;
        }
        let mut hasher = DefaultHasher::new();
        (of, part).hash(&mut hasher);
        text.push_str(&format!("{:016x}", hasher.finish()));
    }
    text.truncate(digits);
    text
}

/// A UUID that depends on `of` only.
#[must_use]
pub fn uuid(of: &str) -> String {
    let hex = hex(of, 32);
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..],
    );
    format!("{a}-{b}-4{c}-8{d}-{e}")
}

/// A sealed payload: bytes that are no text.
#[must_use]
pub fn payload(of: &str) -> Vec<u8> {
    [b"\0\xff\xfe'\"", of.as_bytes()].concat()
}

/// A payload of 256 KiB in which every byte occurs.
#[must_use]
pub fn large_payload() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(256 * 1024).collect()
}

/// Texts that clients and apps can choose and that back ends like to mix up: no two are equal, but
/// many are for a database that folds case, accents or blanks, or that takes a key for a pattern.
#[must_use]
pub fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "ab",
        "Ab",
        "aB",
        "AB",
        "ab ",
        "ab  ",
        " ab",
        "ab\t",
        "ab\n",
        "a%",
        "%",
        "_b",
        "a_",
        "a'b",
        "a\"b",
        "a`b",
        "a\\b",
        "a\\'b",
        "a;--",
        "ä",
        "a\u{308}",
        "a",
        "ß",
        "ss",
        "SS",
        "ı",
        "i",
        "İ",
        "I",
        "\u{1f980}",
        "\u{1f99e}",
        "\u{202e}ab",
        "ab\u{200b}",
        "ａｂ",
        "0",
        "00",
        "1e0",
        "1",
        "null",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(255));
    texts.push(format!("{}y", "x".repeat(254)));
    texts.push(format!("{} ", "x".repeat(254)));
    texts.push("\u{1f980}".repeat(255));
    texts
}

/// A client of the first version.
#[must_use]
pub fn client(id: &str) -> ClientRecord {
    ClientRecord {
        id: id.into(),
        row_id: uuid(&format!("client {id}")),
        version: ClientVersion(1),
        name: "Photo prints".to_owned(),
        owner: "prints".to_owned(),
        secret: SecretHash::new("$pbkdf2-sha256$i=25000,l=32$c2FsdA$aGFzaA"),
        registration_signature: hex(id, 43),
        created_at: at(0),
        updated_at: at(0),
        payload: br#"{"client_name":"Photo prints","contacts":["\u00e4"]}"#.to_vec(),
    }
}

/// The client after a change.
#[must_use]
pub fn changed(client: &ClientRecord) -> ClientRecord {
    ClientRecord {
        version: ClientVersion(client.version.0 + 1),
        updated_at: client.updated_at.plus_secs(1),
        ..client.clone()
    }
}

/// "This client, unchanged".
#[must_use]
pub fn guard(client: &ClientRecord) -> ClientGuard {
    ClientGuard {
        id: client.id.clone(),
        version: client.version,
    }
}

/// A key made `secs` after the start.
#[must_use]
pub fn key(set: &str, kid: &str, secs: i64) -> KeyRecord {
    KeyRecord {
        set: set.to_owned(),
        kid: kid.to_owned(),
        created_at: at(secs),
        sealed: hex(&format!("key {set} {kid} {secs}"), 80),
    }
}

/// A flow that waits for the login app.
#[must_use]
pub fn flow(name: &str, client: &str) -> FlowRecord {
    FlowRecord {
        login_challenge: LoginChallenge::new(hex(&format!("login challenge {name}"), 32)),
        login_verifier: VerifierHash::new(hex(&format!("login verifier {name}"), 64)),
        consent_challenge: None,
        consent_verifier: None,
        state: FlowState::LoginInitialized,
        revision: Revision(1),
        client_id: ClientId::from(client),
        subject: None,
        session_id: None,
        requested_at: at(0),
        expires_at: at(3600),
        payload: payload(name),
    }
}

/// The flow after one more write.
#[must_use]
pub fn next(flow: &FlowRecord) -> FlowRecord {
    FlowRecord {
        revision: Revision(flow.revision.0 + 1),
        ..flow.clone()
    }
}

/// The flow that waits for the consent app.
#[must_use]
pub fn at_consent(flow: &FlowRecord, subject: &str, session: Option<&SessionId>) -> FlowRecord {
    let name = flow.login_challenge.as_str();
    FlowRecord {
        consent_challenge: Some(ConsentChallenge::new(hex(&format!("consent {name}"), 32))),
        consent_verifier: Some(VerifierHash::new(hex(&format!("verifier {name}"), 64))),
        state: FlowState::ConsentInitialized,
        subject: Some(subject.into()),
        session_id: session.cloned(),
        ..next(flow)
    }
}

/// The flow whose consent is given.
#[must_use]
pub fn consent_accepted(flow: &FlowRecord) -> FlowRecord {
    FlowRecord {
        state: FlowState::ConsentAccepted,
        ..next(flow)
    }
}

/// The remembered consent of a flow that has reached the consent app.
#[must_use]
pub fn consent(flow: &FlowRecord) -> ConsentRecord {
    ConsentRecord {
        challenge: flow.consent_challenge.clone().unwrap_or_default(),
        client_id: flow.client_id.clone(),
        subject: flow.subject.clone().unwrap_or_default(),
        session_id: flow.session_id.clone(),
        remember: true,
        requested_at: flow.requested_at,
        expires_at: Timestamp::NEVER,
        payload: payload("consent"),
    }
}

/// A remembered login session that never ends.
#[must_use]
pub fn session(name: &str, subject: &str) -> SessionRecord {
    SessionRecord {
        id: SessionId::new(uuid(&format!("session {name}"))),
        subject: Subject::from(subject),
        authenticated_at: at(0),
        remember: true,
        expires_at: Timestamp::NEVER,
    }
}

/// A logout request that waits for the logout app.
#[must_use]
pub fn logout(name: &str, client: Option<&str>, session: &SessionRecord) -> LogoutRecord {
    LogoutRecord {
        challenge: LogoutChallenge::new(uuid(&format!("logout {name}"))),
        verifier: VerifierHash::new(hex(&format!("logout verifier {name}"), 64)),
        client_id: client.map(ClientId::from),
        subject: session.subject.clone(),
        session_id: session.id.clone(),
        state: LogoutState::Pending,
        used: false,
        requested_at: at(0),
        expires_at: at(3600),
        payload: payload(name),
    }
}

/// A message that was not tried yet and is due `secs` after the start.
#[must_use]
pub fn delivery(name: &str, client: &str, secs: i64) -> DeliveryRecord {
    DeliveryRecord {
        id: uuid(&format!("delivery {name}")),
        client_id: ClientId::from(client),
        attempts: 0,
        due_at: at(secs),
        expires_at: at(86_400),
        payload: payload(name),
    }
}

/// The grant of a flow that has reached the consent app.
#[must_use]
pub fn grant(flow: &FlowRecord) -> GrantRecord {
    let id = flow.consent_challenge.clone().unwrap_or_default();
    GrantRecord {
        id: GrantId::new(id.into_string()),
        client_id: flow.client_id.clone(),
        subject: flow.subject.clone().unwrap_or_default(),
        created_at: flow.requested_at,
        expires_at: at(7200),
    }
}

/// The code of a grant.
#[must_use]
pub fn code(grant: &GrantRecord) -> CodeRecord {
    CodeRecord {
        signature: CodeSignature::new(hex(&format!("code {}", grant.id), 43)),
        grant_id: grant.id.clone(),
        client_id: grant.client_id.clone(),
        used: false,
        pkce_spent: false,
        issued_at: at(1),
        expires_at: at(600),
        payload: payload("code"),
    }
}

/// An access token of a grant.
#[must_use]
pub fn access(grant: &GrantRecord, generation: Generation, name: &str) -> AccessRecord {
    let of = format!("access {} {} {name}", grant.id, generation.0);
    AccessRecord {
        signature: AccessSignature::new(hex(&of, 96)),
        grant_id: Some(grant.id.clone()),
        generation,
        client_id: grant.client_id.clone(),
        issued_at: at(2),
        expires_at: at(3600),
        payload: payload(name),
    }
}

/// An access token that stands alone.
#[must_use]
pub fn machine_access(name: &str, client: &str) -> AccessRecord {
    let of = format!("access {client} {name}");
    AccessRecord {
        signature: AccessSignature::new(hex(&of, 96)),
        grant_id: None,
        generation: Generation::FIRST,
        client_id: ClientId::from(client),
        issued_at: at(2),
        expires_at: at(3600),
        payload: payload(name),
    }
}

/// A refresh token of a grant; it never ends.
#[must_use]
pub fn refresh(grant: &GrantRecord, generation: Generation, name: &str) -> RefreshRecord {
    let of = format!("refresh {} {} {name}", grant.id, generation.0);
    RefreshRecord {
        signature: RefreshSignature::new(hex(&of, 43)),
        grant_id: grant.id.clone(),
        generation,
        client_id: grant.client_id.clone(),
        issued_at: at(2),
        expires_at: Timestamp::NEVER,
        payload: payload(name),
    }
}

/// An access and a refresh token of a grant, which from then on never ends.
#[must_use]
pub fn tokens(grant: &GrantRecord, generation: Generation, name: &str) -> NewTokens {
    NewTokens {
        access: access(grant, generation, name),
        refresh: Some(refresh(grant, generation, name)),
        grant_expires_at: Timestamp::NEVER,
    }
}

/// What presenting `old` buys: tokens of the next generation, and no answer to repeat.
#[must_use]
pub fn rotation(grant: &GrantRecord, old: &RefreshRecord, name: &str) -> Rotation {
    Rotation {
        old: old.signature.clone(),
        grant_id: grant.id.clone(),
        generation: old.generation,
        new: tokens(grant, old.generation.next(), name),
        repeat: None,
    }
}

/// An answer that may be given again.
#[must_use]
pub fn answer(name: &str) -> RepeatableAnswer {
    RepeatableAnswer {
        sealed: payload(name),
        until: at(60),
    }
}

/// A trusted issuer with its key `kid`, for one subject or any.
#[must_use]
pub fn issuer(name: &str, issuer: &str, subject: Option<&str>, kid: &str) -> IssuerRecord {
    IssuerRecord {
        id: uuid(&format!("issuer {name}")),
        issuer: issuer.to_owned(),
        subject: subject.map(Subject::from),
        scope: vec!["read".to_owned(), "öffnen \"'%".to_owned()],
        kid: kid.to_owned(),
        created_at: at(0),
        expires_at: at(3600),
    }
}
