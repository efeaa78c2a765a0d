-- All times are microseconds since 1970-01-01T00:00:00Z; what never ends has the largest number.
-- Texts chosen by others are stored escaped (crates/persistence/src/text.rs).

-- OAuth clients; "version" rises with each write and is what guarded writes compare.
CREATE TABLE hydrus_clients (
    tenant BIGINT NOT NULL,
    id TEXT NOT NULL,
    row_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    secret TEXT NOT NULL,
    registration_signature TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, row_id)
);

-- Keys of key sets, sealed; the newest of a set signs.
CREATE TABLE hydrus_keys (
    tenant BIGINT NOT NULL,
    set_name TEXT NOT NULL,
    kid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (tenant, set_name, kid)
);

-- One row for each set name that was ever written: what writers of a set lock.
CREATE TABLE hydrus_key_sets (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- Journeys through the authorization endpoint. "session_id" may name a session that has yet to begin, so it is no foreign key.
CREATE TABLE hydrus_flows (
    tenant BIGINT NOT NULL,
    login_challenge TEXT NOT NULL,
    login_verifier TEXT NOT NULL,
    consent_challenge TEXT,
    consent_verifier TEXT,
    state BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    subject TEXT,
    session_id TEXT,
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, login_challenge),
    UNIQUE (tenant, login_verifier),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX hydrus_flows_consent_challenge ON hydrus_flows (tenant, consent_challenge)
    WHERE consent_challenge IS NOT NULL;
CREATE UNIQUE INDEX hydrus_flows_consent_verifier ON hydrus_flows (tenant, consent_verifier)
    WHERE consent_verifier IS NOT NULL;
CREATE INDEX hydrus_flows_client ON hydrus_flows (tenant, client_id);
CREATE INDEX hydrus_flows_subject ON hydrus_flows (tenant, subject, client_id)
    WHERE consent_challenge IS NOT NULL;
CREATE INDEX hydrus_flows_session ON hydrus_flows (tenant, session_id)
    WHERE session_id IS NOT NULL;
CREATE INDEX hydrus_flows_expires_at ON hydrus_flows (tenant, expires_at);

-- Who is logged in in which browser.
CREATE TABLE hydrus_login_sessions (
    tenant BIGINT NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    remember BOOLEAN NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX hydrus_login_sessions_subject ON hydrus_login_sessions (tenant, subject);
CREATE INDEX hydrus_login_sessions_expires_at ON hydrus_login_sessions (tenant, expires_at);

-- Which clients used a login session: whom a logout has to tell.
CREATE TABLE hydrus_session_clients (
    tenant BIGINT NOT NULL,
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    PRIMARY KEY (tenant, session_id, client_id),
    FOREIGN KEY (tenant, session_id)
        REFERENCES hydrus_login_sessions (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_session_clients_client ON hydrus_session_clients (tenant, client_id);

-- What users granted, as long as it counts.
CREATE TABLE hydrus_consents (
    tenant BIGINT NOT NULL,
    challenge TEXT NOT NULL,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    session_id TEXT,
    remember BOOLEAN NOT NULL,
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, challenge),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_consents_client ON hydrus_consents (tenant, client_id);
CREATE INDEX hydrus_consents_subject ON hydrus_consents (tenant, subject, client_id);
CREATE INDEX hydrus_consents_session ON hydrus_consents (tenant, session_id)
    WHERE session_id IS NOT NULL;
CREATE INDEX hydrus_consents_expires_at ON hydrus_consents (tenant, expires_at);

-- Identifiers that the login app chose for users of pairwise clients.
CREATE TABLE hydrus_forced_identifiers (
    tenant BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    identifier TEXT NOT NULL,
    PRIMARY KEY (tenant, client_id, subject),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);

-- Logout requests.
CREATE TABLE hydrus_logouts (
    tenant BIGINT NOT NULL,
    challenge TEXT NOT NULL,
    verifier TEXT NOT NULL,
    client_id TEXT,
    subject TEXT NOT NULL,
    session_id TEXT NOT NULL,
    state BIGINT NOT NULL,
    used BOOLEAN NOT NULL,
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, challenge),
    UNIQUE (tenant, verifier),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_logouts_client ON hydrus_logouts (tenant, client_id)
    WHERE client_id IS NOT NULL;
CREATE INDEX hydrus_logouts_expires_at ON hydrus_logouts (tenant, expires_at);

-- Back-channel logout messages that have yet to arrive.
CREATE TABLE hydrus_deliveries (
    tenant BIGINT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_deliveries_client ON hydrus_deliveries (tenant, client_id);
CREATE INDEX hydrus_deliveries_due_at ON hydrus_deliveries (tenant, due_at);
CREATE INDEX hydrus_deliveries_expires_at ON hydrus_deliveries (tenant, expires_at);

-- Families of tokens. A token lives only while this row is not ended and in the token's generation.
CREATE TABLE hydrus_grants (
    tenant BIGINT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    ended BOOLEAN NOT NULL,
    repeat_of TEXT,
    repeat_answer BLOB,
    repeat_until BIGINT,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_grants_client ON hydrus_grants (tenant, client_id);
CREATE INDEX hydrus_grants_subject ON hydrus_grants (tenant, subject, client_id);
CREATE INDEX hydrus_grants_expires_at ON hydrus_grants (tenant, expires_at);

-- Authorization codes; used ones stay, so that a replay is noticed.
CREATE TABLE hydrus_codes (
    tenant BIGINT NOT NULL,
    signature TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    used BOOLEAN NOT NULL,
    pkce_spent BOOLEAN NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, signature),
    FOREIGN KEY (tenant, grant_id)
        REFERENCES hydrus_grants (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_codes_grant ON hydrus_codes (tenant, grant_id);
CREATE INDEX hydrus_codes_expires_at ON hydrus_codes (tenant, expires_at);

-- Access tokens; those without a grant stand alone.
CREATE TABLE hydrus_access_tokens (
    tenant BIGINT NOT NULL,
    signature TEXT NOT NULL,
    grant_id TEXT,
    generation BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, signature),
    FOREIGN KEY (tenant, client_id)
        REFERENCES hydrus_clients (tenant, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant, grant_id)
        REFERENCES hydrus_grants (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_access_tokens_client ON hydrus_access_tokens (tenant, client_id);
CREATE INDEX hydrus_access_tokens_grant ON hydrus_access_tokens (tenant, grant_id)
    WHERE grant_id IS NOT NULL;
CREATE INDEX hydrus_access_tokens_expires_at ON hydrus_access_tokens (tenant, expires_at);

-- Refresh tokens; dead ones stay, so that a replay is noticed.
CREATE TABLE hydrus_refresh_tokens (
    tenant BIGINT NOT NULL,
    signature TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (tenant, signature),
    FOREIGN KEY (tenant, grant_id)
        REFERENCES hydrus_grants (tenant, id) ON DELETE CASCADE
);
CREATE INDEX hydrus_refresh_tokens_grant ON hydrus_refresh_tokens (tenant, grant_id);
CREATE INDEX hydrus_refresh_tokens_expires_at ON hydrus_refresh_tokens (tenant, expires_at);

-- Issuers whose assertions are accepted; any_subject with an empty subject: for everyone.
CREATE TABLE hydrus_trusted_issuers (
    tenant BIGINT NOT NULL,
    id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    any_subject BOOLEAN NOT NULL,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    kid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, issuer, any_subject, subject, kid),
    FOREIGN KEY (tenant, issuer, kid)
        REFERENCES hydrus_keys (tenant, set_name, kid) ON DELETE CASCADE
);
CREATE INDEX hydrus_trusted_issuers_key ON hydrus_trusted_issuers (tenant, issuer, kid);
CREATE INDEX hydrus_trusted_issuers_expires_at ON hydrus_trusted_issuers (tenant, expires_at);

-- Assertion ids that must not be used again.
CREATE TABLE hydrus_used_jtis (
    tenant BIGINT NOT NULL,
    namespace TEXT NOT NULL,
    hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, namespace, hash)
);
CREATE INDEX hydrus_used_jtis_expires_at ON hydrus_used_jtis (tenant, expires_at);

-- Which replica does a chore.
CREATE TABLE hydrus_leases (
    tenant BIGINT NOT NULL,
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);
