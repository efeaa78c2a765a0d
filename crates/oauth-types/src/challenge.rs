use crate::macros::{one_time_type, text_type};

text_type! {
    /// Names a login request towards the login app: 32 lower-case hexadecimal digits.
    LoginChallenge
}
text_type! {
    /// Names a consent request towards the consent app; also the grant id of all tokens that are
    /// born from it. 32 lower-case hexadecimal digits.
    ConsentChallenge
}
text_type! {
    /// Names a logout request towards the logout app: a UUID with dashes.
    LogoutChallenge
}
text_type! {
    /// Names a login session: the `sid` claim and the content of the session cookie. A UUID with
    /// dashes.
    SessionId
}
one_time_type! {
    /// Brings the browser back from the login app, once.
    LoginVerifier
}
one_time_type! {
    /// Brings the browser back from the consent app, once.
    ConsentVerifier
}
one_time_type! {
    /// Brings the browser back from the logout app, once.
    LogoutVerifier
}
text_type! {
    /// What a back end keeps of a verifier: lower-case hexadecimal SHA-256. The verifier itself
    /// stands only in sealed payloads, so that a copy of the database opens nothing.
    VerifierHash
}
