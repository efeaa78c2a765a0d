use api_types::admin::{TrustView, TrustedKeyView};
use oauth_types::Subject;
use provider::IssuerRecord;

/// A trusted issuer as it is stored.
pub(crate) fn trusted_issuer(record: &IssuerRecord) -> TrustView<'_> {
    TrustView {
        id: &record.id,
        issuer: &record.issuer,
        subject: record.subject.as_ref().map_or("", Subject::as_str),
        allow_any_subject: record.subject.is_none(),
        scope: Some(&record.scope),
        public_key: TrustedKeyView {
            set: &record.issuer,
            kid: &record.kid,
        },
        created_at: record.created_at.to_rfc3339(),
        expires_at: record.expires_at.to_rfc3339(),
    }
}
