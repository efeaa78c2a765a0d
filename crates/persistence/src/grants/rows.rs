//! Rows of grants, codes and tokens.

use diesel::prelude::*;
use oauth_core::{AccessRecord, CodeRecord, Generation, GrantRecord, RefreshRecord};
use oauth_types::{AccessSignature, ClientId, CodeSignature, GrantId, RefreshSignature, Timestamp};

use crate::schema::{access_tokens, codes, grants, refresh_tokens};
use crate::statement::Value;
use crate::text::{from_stored, to_stored};

#[derive(Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub(super) struct GrantRow {
    pub(super) tenant: i64,
    id: String,
    client_id: String,
    subject: String,
    created_at: i64,
    expires_at: i64,
    generation: i64,
    ended: bool,
    repeat_of: Option<String>,
    repeat_answer: Option<Vec<u8>>,
    repeat_until: Option<i64>,
}

impl GrantRow {
    pub(super) fn new(tenant: i64, grant: &GrantRecord) -> Self {
        Self {
            tenant,
            id: to_stored(grant.id.as_str()),
            client_id: to_stored(grant.client_id.as_str()),
            subject: to_stored(grant.subject.as_str()),
            created_at: grant.created_at.as_micros(),
            expires_at: grant.expires_at.as_micros(),
            generation: Generation::FIRST.0,
            ended: false,
            repeat_of: None,
            repeat_answer: None,
            repeat_until: None,
        }
    }

    /// All but the tenant and what is the same for every new grant.
    pub(super) fn params(&self) -> [Value<'_>; 5] {
        [
            Value::Text(&self.id),
            Value::Text(&self.client_id),
            Value::Text(&self.subject),
            Value::Int(self.created_at),
            Value::Int(self.expires_at),
        ]
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = codes, treat_none_as_default_value = false)]
pub(super) struct CodeRow {
    pub(super) tenant: i64,
    signature: String,
    grant_id: String,
    client_id: String,
    used: bool,
    pkce_spent: bool,
    issued_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl CodeRow {
    pub(super) fn new(tenant: i64, code: CodeRecord) -> Self {
        Self {
            tenant,
            signature: to_stored(code.signature.as_str()),
            grant_id: to_stored(code.grant_id.as_str()),
            client_id: to_stored(code.client_id.as_str()),
            used: code.used,
            pkce_spent: code.pkce_spent,
            issued_at: code.issued_at.as_micros(),
            expires_at: code.expires_at.as_micros(),
            payload: code.payload,
        }
    }

    /// `ended`: its grant has ended, by which it counts as used.
    pub(super) fn into_record(self, ended: bool) -> CodeRecord {
        CodeRecord {
            signature: CodeSignature::new(from_stored(self.signature)),
            grant_id: GrantId::new(from_stored(self.grant_id)),
            client_id: ClientId::new(from_stored(self.client_id)),
            used: self.used || ended,
            pkce_spent: self.pkce_spent,
            issued_at: Timestamp::from_micros(self.issued_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        }
    }

    /// All but the tenant, each possibly missing.
    pub(super) fn params(row: Option<&Self>) -> [Value<'_>; 9] {
        [
            Value::Flag(row.is_some()),
            Value::MaybeText(row.map(|r| r.signature.as_str())),
            Value::MaybeText(row.map(|r| r.grant_id.as_str())),
            Value::MaybeText(row.map(|r| r.client_id.as_str())),
            Value::Flag(row.is_some_and(|r| r.used)),
            Value::Flag(row.is_some_and(|r| r.pkce_spent)),
            Value::MaybeInt(row.map(|r| r.issued_at)),
            Value::MaybeInt(row.map(|r| r.expires_at)),
            Value::MaybeBytes(row.map(|r| r.payload.as_slice())),
        ]
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = access_tokens, treat_none_as_default_value = false)]
pub(super) struct AccessRow {
    tenant: i64,
    signature: String,
    grant_id: Option<String>,
    generation: i64,
    client_id: String,
    issued_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl AccessRow {
    pub(super) fn new(tenant: i64, token: AccessRecord) -> Self {
        Self {
            tenant,
            signature: to_stored(token.signature.as_str()),
            grant_id: token.grant_id.map(|g| to_stored(g.as_str())),
            generation: token.generation.0,
            client_id: to_stored(token.client_id.as_str()),
            issued_at: token.issued_at.as_micros(),
            expires_at: token.expires_at.as_micros(),
            payload: token.payload,
        }
    }

    pub(super) fn into_record(self) -> AccessRecord {
        AccessRecord {
            signature: AccessSignature::new(from_stored(self.signature)),
            grant_id: self.grant_id.map(from_stored).map(GrantId::new),
            generation: Generation(self.generation),
            client_id: ClientId::new(from_stored(self.client_id)),
            issued_at: Timestamp::from_micros(self.issued_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        }
    }

    /// In the order of the table.
    pub(super) fn params(&self) -> [Value<'_>; 8] {
        [
            Value::Int(self.tenant),
            Value::Text(&self.signature),
            Value::MaybeText(self.grant_id.as_deref()),
            Value::Int(self.generation),
            Value::Text(&self.client_id),
            Value::Int(self.issued_at),
            Value::Int(self.expires_at),
            Value::Bytes(&self.payload),
        ]
    }

    /// All but the tenant, each possibly missing.
    pub(super) fn params_of(row: Option<&Self>) -> [Value<'_>; 8] {
        [
            Value::Flag(row.is_some()),
            Value::MaybeText(row.map(|r| r.signature.as_str())),
            Value::MaybeText(row.and_then(|r| r.grant_id.as_deref())),
            Value::MaybeInt(row.map(|r| r.generation)),
            Value::MaybeText(row.map(|r| r.client_id.as_str())),
            Value::MaybeInt(row.map(|r| r.issued_at)),
            Value::MaybeInt(row.map(|r| r.expires_at)),
            Value::MaybeBytes(row.map(|r| r.payload.as_slice())),
        ]
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(super) struct RefreshRow {
    tenant: i64,
    signature: String,
    grant_id: String,
    generation: i64,
    client_id: String,
    issued_at: i64,
    expires_at: i64,
    payload: Vec<u8>,
}

impl RefreshRow {
    pub(super) fn new(tenant: i64, token: RefreshRecord) -> Self {
        Self {
            tenant,
            signature: to_stored(token.signature.as_str()),
            grant_id: to_stored(token.grant_id.as_str()),
            generation: token.generation.0,
            client_id: to_stored(token.client_id.as_str()),
            issued_at: token.issued_at.as_micros(),
            expires_at: token.expires_at.as_micros(),
            payload: token.payload,
        }
    }

    pub(super) fn into_record(self) -> RefreshRecord {
        RefreshRecord {
            signature: RefreshSignature::new(from_stored(self.signature)),
            grant_id: GrantId::new(from_stored(self.grant_id)),
            generation: Generation(self.generation),
            client_id: ClientId::new(from_stored(self.client_id)),
            issued_at: Timestamp::from_micros(self.issued_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            payload: self.payload,
        }
    }

    pub(super) fn signature(&self) -> &str {
        &self.signature
    }

    pub(super) fn generation(&self) -> i64 {
        self.generation
    }

    /// All but the tenant, each possibly missing.
    pub(super) fn params_of(row: Option<&Self>) -> [Value<'_>; 8] {
        [
            Value::Flag(row.is_some()),
            Value::MaybeText(row.map(|r| r.signature.as_str())),
            Value::MaybeText(row.map(|r| r.grant_id.as_str())),
            Value::MaybeInt(row.map(|r| r.generation)),
            Value::MaybeText(row.map(|r| r.client_id.as_str())),
            Value::MaybeInt(row.map(|r| r.issued_at)),
            Value::MaybeInt(row.map(|r| r.expires_at)),
            Value::MaybeBytes(row.map(|r| r.payload.as_slice())),
        ]
    }
}
