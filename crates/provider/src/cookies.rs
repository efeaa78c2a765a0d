//! The browser's memory: who is logged in, and which flow it began.

use client_registry::Client;
use consent_flow::FlowError;
use oauth_types::{SessionId, Timestamp};

use crate::{CookieChange, CookieLifetime, CookiePolicy, Cookies, Provider};

/// Which step a CSRF cookie guards.
#[derive(Clone, Copy)]
pub(crate) enum CsrfStep {
    Login,
    Consent,
}

impl CsrfStep {
    fn name(self, policy: &CookiePolicy, client: &Client) -> String {
        let base = match self {
            Self::Login => &policy.login_csrf,
            Self::Consent => &policy.consent_csrf,
        };
        format!("{base}_{}", client.cookie_number())
    }
}

impl Provider {
    /// The session that the browser's cookie names; whatever cannot be read counts as none.
    pub(crate) fn session_cookie(
        &self,
        cookies: &Cookies,
        policy: &CookiePolicy,
    ) -> Option<SessionId> {
        let sealed = cookies.get(&policy.session)?;
        let sid = self
            .cookie_keys
            .open(&policy.session, "sid", sealed)
            .ok()??;
        (!sid.is_empty()).then(|| SessionId::new(sid))
    }

    /// Puts the session cookie, or takes it away.
    pub(crate) fn change_session_cookie(
        &self,
        policy: &CookiePolicy,
        session: Option<(&SessionId, i64)>,
        now: Timestamp,
    ) -> Result<CookieChange, FlowError> {
        let (sid, lifetime) = match session {
            Some((id, secs)) if secs > 0 => (id.as_str(), CookieLifetime::Seconds(secs)),
            Some((id, _)) => (id.as_str(), CookieLifetime::Browser),
            None => ("", CookieLifetime::Removed),
        };
        Ok(CookieChange {
            name: policy.session.clone(),
            value: self
                .cookie_keys
                .seal(&policy.session, "sid", sid, now, &*self.entropy)?,
            lifetime,
            legacy: false,
            now,
        })
    }

    /// Puts a CSRF cookie, and its twin where one is wanted.
    pub(crate) fn csrf_cookies(
        &self,
        step: CsrfStep,
        client: &Client,
        csrf: &str,
        policy: &crate::Policy,
        now: Timestamp,
    ) -> Result<Vec<CookieChange>, FlowError> {
        let name = step.name(&policy.cookies, client);
        let lifetime = CookieLifetime::Seconds(policy.login_consent_lifespan.as_secs());
        let cookie = |name: String, legacy| -> Result<CookieChange, FlowError> {
            let value = self
                .cookie_keys
                .seal(&name, "csrf", csrf, now, &*self.entropy)?;
            Ok(CookieChange {
                name,
                value,
                lifetime,
                legacy,
                now,
            })
        };
        let mut cookies = vec![cookie(name.clone(), false)?];
        if policy.cookies.legacy_twins {
            cookies.push(cookie(format!("{name}_legacy"), true)?);
        }
        Ok(cookies)
    }

    /// Checks that the browser is the one that began the step.
    pub(crate) fn check_csrf(
        &self,
        step: CsrfStep,
        client: &Client,
        expected: &str,
        cookies: &Cookies,
        policy: &CookiePolicy,
    ) -> Result<(), FlowError> {
        let name = step.name(policy, client);
        let read = |name: &str| {
            cookies
                .get(name)
                .map(|sealed| self.cookie_keys.open(name, "csrf", sealed))
        };
        let mut found = read(&name);
        if policy.legacy_twins && !matches!(found, Some(Ok(_))) {
            found = read(&format!("{name}_legacy"));
        }
        match found {
            None | Some(Ok(None)) => Err(FlowError::CsrfMissing),
            Some(Err(_)) => Err(FlowError::CsrfBroken),
            Some(Ok(Some(csrf)))
                if crypto::constant_time_eq(csrf.as_bytes(), expected.as_bytes()) =>
            {
                Ok(())
            }
            Some(Ok(Some(_))) => Err(FlowError::CsrfMismatch),
        }
    }
}
