//! The tables, the same on all databases; `migrations/` creates them.

diesel::table! {
    #[sql_name = "hydrus_clients"]
    clients (tenant, id) {
        tenant -> BigInt,
        id -> Text,
        row_id -> Text,
        version -> BigInt,
        name -> Text,
        owner -> Text,
        secret -> Text,
        registration_signature -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_keys"]
    keys (tenant, set_name, kid) {
        tenant -> BigInt,
        set_name -> Text,
        kid -> Text,
        created_at -> BigInt,
        sealed -> Text,
    }
}

diesel::table! {
    #[sql_name = "hydrus_key_sets"]
    key_sets (tenant, name) {
        tenant -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    #[sql_name = "hydrus_flows"]
    flows (tenant, login_challenge) {
        tenant -> BigInt,
        login_challenge -> Text,
        login_verifier -> Text,
        consent_challenge -> Nullable<Text>,
        consent_verifier -> Nullable<Text>,
        state -> BigInt,
        revision -> BigInt,
        client_id -> Text,
        subject -> Nullable<Text>,
        session_id -> Nullable<Text>,
        requested_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_login_sessions"]
    login_sessions (tenant, id) {
        tenant -> BigInt,
        id -> Text,
        subject -> Text,
        authenticated_at -> BigInt,
        remember -> Bool,
        expires_at -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "hydrus_session_clients"]
    session_clients (tenant, session_id, client_id) {
        tenant -> BigInt,
        session_id -> Text,
        client_id -> Text,
    }
}

diesel::table! {
    #[sql_name = "hydrus_consents"]
    consents (tenant, challenge) {
        tenant -> BigInt,
        challenge -> Text,
        client_id -> Text,
        subject -> Text,
        session_id -> Nullable<Text>,
        remember -> Bool,
        requested_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_forced_identifiers"]
    forced_identifiers (tenant, client_id, subject) {
        tenant -> BigInt,
        client_id -> Text,
        subject -> Text,
        identifier -> Text,
    }
}

diesel::table! {
    #[sql_name = "hydrus_logouts"]
    logouts (tenant, challenge) {
        tenant -> BigInt,
        challenge -> Text,
        verifier -> Text,
        client_id -> Nullable<Text>,
        subject -> Text,
        session_id -> Text,
        state -> BigInt,
        used -> Bool,
        requested_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_deliveries"]
    deliveries (tenant, id) {
        tenant -> BigInt,
        id -> Text,
        client_id -> Text,
        attempts -> BigInt,
        due_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_grants"]
    grants (tenant, id) {
        tenant -> BigInt,
        id -> Text,
        client_id -> Text,
        subject -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        generation -> BigInt,
        ended -> Bool,
        repeat_of -> Nullable<Text>,
        repeat_answer -> Nullable<Binary>,
        repeat_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    #[sql_name = "hydrus_codes"]
    codes (tenant, signature) {
        tenant -> BigInt,
        signature -> Text,
        grant_id -> Text,
        client_id -> Text,
        used -> Bool,
        pkce_spent -> Bool,
        issued_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_access_tokens"]
    access_tokens (tenant, signature) {
        tenant -> BigInt,
        signature -> Text,
        grant_id -> Nullable<Text>,
        generation -> BigInt,
        client_id -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_refresh_tokens"]
    refresh_tokens (tenant, signature) {
        tenant -> BigInt,
        signature -> Text,
        grant_id -> Text,
        generation -> BigInt,
        client_id -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        payload -> Binary,
    }
}

diesel::table! {
    #[sql_name = "hydrus_trusted_issuers"]
    trusted_issuers (tenant, id) {
        tenant -> BigInt,
        id -> Text,
        issuer -> Text,
        any_subject -> Bool,
        subject -> Text,
        scope -> Text,
        kid -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "hydrus_used_jtis"]
    used_jtis (tenant, namespace, hash) {
        tenant -> BigInt,
        namespace -> Text,
        hash -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "hydrus_leases"]
    leases (tenant, name) {
        tenant -> BigInt,
        name -> Text,
        holder -> Text,
        until -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    clients,
    keys,
    key_sets,
    flows,
    login_sessions,
    session_clients,
    consents,
    forced_identifiers,
    logouts,
    deliveries,
    grants,
    codes,
    access_tokens,
    refresh_tokens,
    trusted_issuers,
    used_jtis,
    leases
);
