//! Grants, codes and tokens.

use std::collections::HashMap;

use async_trait::async_trait;
use consent_flow::FlowState;
use oauth_core::{
    AccessRecord, Authorized, CodeRecord, FoundCode, FoundRefresh, Generation, GrantRecord,
    GrantStore, NewAuthorization, NewTokens, Redeemed, RefreshRecord, RepeatableAnswer, Rotated,
    Rotation,
};
use oauth_types::{
    AccessSignature, ClientGuard, ClientId, CodeSignature, Found, GrantId, Guarded,
    RefreshSignature, StoreError, StoreResult, Subject, Timestamp,
};

use crate::rows::{count, expired, remove_expired};
use crate::{MemoryStore, State};

/// The rows of [`GrantStore`].
#[derive(Default)]
pub(crate) struct Grants {
    grants: HashMap<GrantId, Grant>,
    codes: HashMap<CodeSignature, CodeRecord>,
    access: HashMap<AccessSignature, AccessRecord>,
    refresh: HashMap<RefreshSignature, RefreshRecord>,
}

/// A grant and the state that decides which of its tokens live.
struct Grant {
    record: GrantRecord,
    generation: Generation,
    ended: bool,
    /// The token that was rotated last and the answer it got.
    repeat: Option<(RefreshSignature, RepeatableAnswer)>,
}

impl Grant {
    fn has_live(&self, generation: Generation) -> bool {
        !self.ended && self.generation == generation
    }

    fn answer_to(&self, token: &RefreshSignature) -> Option<&RepeatableAnswer> {
        self.repeat
            .as_ref()
            .filter(|(rotated, _)| rotated == token)
            .map(|(_, answer)| answer)
    }

    fn end(&mut self) {
        self.ended = true;
        self.repeat = None;
    }
}

impl Grants {
    pub(crate) fn forget_client(&mut self, client: &ClientId) {
        self.grants.retain(|_, g| g.record.client_id != *client);
        self.codes.retain(|_, c| c.client_id != *client);
        self.access.retain(|_, a| a.client_id != *client);
        self.refresh.retain(|_, r| r.client_id != *client);
    }

    /// Removes the grants of a user, perhaps towards one client only, with all that hangs on them.
    pub(crate) fn forget_user(&mut self, subject: &Subject, client: Option<&ClientId>) {
        self.grants.retain(|_, g| {
            g.record.subject != *subject || client.is_some_and(|c| *c != g.record.client_id)
        });
        self.forget_orphans();
    }

    /// Removes codes and tokens whose grant is gone.
    fn forget_orphans(&mut self) {
        let grants = &self.grants;
        self.codes.retain(|_, c| grants.contains_key(&c.grant_id));
        self.refresh.retain(|_, r| grants.contains_key(&r.grant_id));
        self.access.retain(|_, a| {
            a.grant_id
                .as_ref()
                .is_none_or(|grant| grants.contains_key(grant))
        });
    }

    /// Whether the access token stands alone or lives in its grant.
    fn lives(&self, token: &AccessRecord) -> bool {
        token.grant_id.as_ref().is_none_or(|id| {
            self.grants
                .get(id)
                .is_some_and(|g| g.has_live(token.generation))
        })
    }

    /// Whether the keys of new tokens are free.
    fn check_free(&self, new: &NewTokens) -> StoreResult<()> {
        let refresh = new.refresh.as_ref();
        let taken = self.access.contains_key(&new.access.signature)
            || refresh.is_some_and(|r| self.refresh.contains_key(&r.signature));
        if taken {
            return Err(StoreError::Conflict);
        }
        Ok(())
    }

    fn insert(&mut self, new: NewTokens) {
        self.access.insert(new.access.signature.clone(), new.access);
        if let Some(refresh) = new.refresh {
            self.refresh.insert(refresh.signature.clone(), refresh);
        }
    }
}

#[async_trait]
impl GrantStore for MemoryStore {
    async fn authorize(&self, new: NewAuthorization) -> StoreResult<Authorized> {
        let State { flows, grants, .. } = &mut *self.lock();
        let Some(flow) = flows.by_consent_verifier_mut(&new.verifier) else {
            return Ok(Authorized::VerifierUsed);
        };
        if flow.state != FlowState::ConsentAccepted {
            return Ok(Authorized::VerifierUsed);
        }
        let (code, access) = (new.code.as_ref(), new.access.as_ref());
        let taken = grants.grants.contains_key(&new.grant.id)
            || code.is_some_and(|c| grants.codes.contains_key(&c.signature))
            || access.is_some_and(|a| grants.access.contains_key(&a.signature));
        if taken {
            return Err(StoreError::Conflict);
        }
        flow.state = FlowState::ConsentUsed;
        flow.revision.0 += 1;
        let grant = Grant {
            record: new.grant,
            generation: Generation::FIRST,
            ended: false,
            repeat: None,
        };
        grants.grants.insert(grant.record.id.clone(), grant);
        if let Some(code) = new.code {
            grants.codes.insert(code.signature.clone(), code);
        }
        if let Some(access) = new.access {
            grants.access.insert(access.signature.clone(), access);
        }
        Ok(Authorized::Done)
    }

    async fn put_access(&self, token: AccessRecord, client: ClientGuard) -> StoreResult<Guarded> {
        let State {
            clients, grants, ..
        } = &mut *self.lock();
        if !clients.holds(&client) {
            return Ok(Guarded::ClientChanged);
        }
        if grants.access.contains_key(&token.signature) {
            return Err(StoreError::Conflict);
        }
        grants.access.insert(token.signature.clone(), token);
        Ok(Guarded::Done)
    }

    async fn code(&self, signature: &CodeSignature) -> StoreResult<Option<Found<FoundCode>>> {
        let State {
            clients, grants, ..
        } = &*self.lock();
        let Some(code) = grants.codes.get(signature) else {
            return Ok(None);
        };
        let Some(grant) = grants.grants.get(&code.grant_id) else {
            return Ok(None);
        };
        let found = FoundCode {
            record: CodeRecord {
                used: code.used || grant.ended,
                ..code.clone()
            },
            generation: grant.generation,
        };
        Ok(clients.join(&grant.record.client_id, found))
    }

    async fn spend_pkce(&self, signature: &CodeSignature) -> StoreResult<()> {
        if let Some(code) = self.lock().grants.codes.get_mut(signature) {
            code.pkce_spent = true;
        }
        Ok(())
    }

    async fn redeem_code(&self, code: &CodeSignature, bought: NewTokens) -> StoreResult<Redeemed> {
        let grants = &mut self.lock().grants;
        let Some(stored) = grants.codes.get(code) else {
            return Ok(Redeemed::Unknown);
        };
        let Some(grant) = grants.grants.get(&stored.grant_id) else {
            return Ok(Redeemed::Unknown);
        };
        if stored.used || stored.pkce_spent || grant.ended {
            return Ok(Redeemed::Again);
        }
        if grant.generation != bought.access.generation {
            return Ok(Redeemed::Changed);
        }
        grants.check_free(&bought)?;
        let grant_id = stored.grant_id.clone();
        if let Some(stored) = grants.codes.get_mut(code) {
            stored.used = true;
        }
        if let Some(grant) = grants.grants.get_mut(&grant_id) {
            grant.record.expires_at = bought.grant_expires_at;
        }
        grants.insert(bought);
        Ok(Redeemed::First)
    }

    async fn refresh(
        &self,
        signature: &RefreshSignature,
    ) -> StoreResult<Option<Found<FoundRefresh>>> {
        let State {
            clients, grants, ..
        } = &*self.lock();
        let Some(record) = grants.refresh.get(signature) else {
            return Ok(None);
        };
        let grant = grants.grants.get(&record.grant_id);
        let found = FoundRefresh {
            record: record.clone(),
            live: grant.is_some_and(|g| g.has_live(record.generation)),
            repeat: grant.and_then(|g| g.answer_to(signature)).cloned(),
        };
        Ok(clients.join(&record.client_id, found))
    }

    async fn rotate_refresh(&self, rotation: Rotation) -> StoreResult<Rotated> {
        let grants = &mut self.lock().grants;
        if !grants.refresh.contains_key(&rotation.old) {
            return Ok(Rotated::Unknown);
        }
        let Some(grant) = grants.grants.get(&rotation.grant_id) else {
            return Ok(Rotated::Lost);
        };
        if !grant.has_live(rotation.generation) {
            let answer = grant.answer_to(&rotation.old).cloned();
            return Ok(answer.map_or(Rotated::Lost, Rotated::Repeated));
        }
        grants.check_free(&rotation.new)?;
        if let Some(grant) = grants.grants.get_mut(&rotation.grant_id) {
            grant.generation = grant.generation.next();
            grant.repeat = rotation.repeat.map(|answer| (rotation.old, answer));
            grant.record.expires_at = rotation.new.grant_expires_at;
        }
        grants.insert(rotation.new);
        Ok(Rotated::Done)
    }

    async fn end_tokens(&self, grant: &GrantId) -> StoreResult<()> {
        if let Some(grant) = self.lock().grants.grants.get_mut(grant)
            && !grant.ended
        {
            grant.generation = grant.generation.next();
            grant.repeat = None;
        }
        Ok(())
    }

    async fn end_grant(&self, grant: &GrantId) -> StoreResult<()> {
        if let Some(grant) = self.lock().grants.grants.get_mut(grant) {
            grant.end();
        }
        Ok(())
    }

    async fn end_grant_by_replay(
        &self,
        grant: &GrantId,
        presented: &RefreshSignature,
    ) -> StoreResult<()> {
        let grants = &mut self.lock().grants;
        grants.refresh.remove(presented);
        if let Some(grant) = grants.grants.get_mut(grant) {
            grant.end();
        }
        Ok(())
    }

    async fn access(
        &self,
        signature: &AccessSignature,
    ) -> StoreResult<Option<Found<AccessRecord>>> {
        let State {
            clients, grants, ..
        } = &*self.lock();
        let token = grants.access.get(signature).filter(|t| grants.lives(t));
        Ok(token.and_then(|t| clients.join(&t.client_id, t.clone())))
    }

    async fn remove_access(&self, signature: &AccessSignature) -> StoreResult<()> {
        self.lock().grants.access.remove(signature);
        Ok(())
    }

    async fn remove_access_of(&self, client: &ClientId) -> StoreResult<()> {
        let access = &mut self.lock().grants.access;
        access.retain(|_, a| a.client_id != *client);
        Ok(())
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        let grants = &mut self.lock().grants;
        let ended = expired(&grants.grants, |g| g.record.expires_at, before, limit);
        for id in &ended {
            grants.grants.remove(id);
        }
        if !ended.is_empty() {
            grants.forget_orphans();
        }
        let mut removed = count(ended.len());
        removed += remove_expired(&mut grants.codes, |c| c.expires_at, before, limit);
        removed += remove_expired(&mut grants.access, |a| a.expires_at, before, limit);
        removed += remove_expired(&mut grants.refresh, |r| r.expires_at, before, limit);
        Ok(removed)
    }
}
