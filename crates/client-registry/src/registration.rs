use crate::{ClientDraft, ClientFault};

/// What a client says about itself (RFC 7591 §2), before it is judged.
#[derive(Clone, Debug)]
pub struct Registration {
    /// What it wants to be.
    pub draft: ClientDraft,
    /// Whether it names `metadata`, in whatever form.
    pub has_metadata: bool,
}

impl Registration {
    /// Refuses what a client may not choose when it registers. All else is judged as if an
    /// administrator had sent it.
    ///
    /// # Errors
    /// The first [`ClientFault`].
    pub fn check_new(&self) -> Result<(), ClientFault> {
        if !self.draft.secret.is_empty() {
            return Err(ClientFault::ChosenSecret);
        }
        if !self.draft.chosen_id.is_empty() {
            return Err(ClientFault::ChosenId);
        }
        self.check_metadata()
    }

    /// Refuses what a client may not change later (RFC 7592 §2.2).
    ///
    /// Hydra: a `client_id` in the body is passed over, also that of another client.
    ///
    /// # Errors
    /// The first [`ClientFault`].
    pub fn check_change(&self) -> Result<(), ClientFault> {
        if !self.draft.secret.is_empty() {
            return Err(ClientFault::ChangedSecret);
        }
        self.check_metadata()
    }

    fn check_metadata(&self) -> Result<(), ClientFault> {
        if self.has_metadata {
            return Err(ClientFault::Metadata);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Client;
    use oauth_types::{ClientId, Secret};

    #[test]
    fn the_first_thing_that_is_not_the_clients_to_choose_is_told() {
        use ClientFault::{ChangedSecret, ChosenId, ChosenSecret, Metadata};
        for (secret, id, has_metadata, new, change) in [
            ("", "", false, None, None),
            ("x", "me", true, Some(ChosenSecret), Some(ChangedSecret)),
            ("", "me", true, Some(ChosenId), Some(Metadata)),
            ("", "me", false, Some(ChosenId), None),
            ("", "", true, Some(Metadata), Some(Metadata)),
        ] {
            let registration = Registration {
                draft: ClientDraft {
                    chosen_id: id.to_owned(),
                    secret: Secret::new(secret),
                    client: Client::new(ClientId::default()),
                },
                has_metadata,
            };
            assert_eq!(registration.check_new().err(), new);
            assert_eq!(registration.check_change().err(), change);
        }
    }
}
