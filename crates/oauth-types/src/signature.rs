use crate::macros::text_type;

text_type! {
    /// Finds an authorization code: the part behind the dot, 43 characters. It proves nothing; the
    /// MAC over the whole code does.
    CodeSignature
}
text_type! {
    /// Finds an access token, opaque or JWT: lower-case hexadecimal SHA-384 of the last part,
    /// 96 characters. The same form under either strategy, so that switching loses no token.
    AccessSignature
}
text_type! {
    /// Finds a refresh token: the part behind the dot, 43 characters.
    RefreshSignature
}
text_type! {
    /// Names a grant, the family of tokens that live and die together. Equals the consent challenge
    /// where there was one, else a UUID with dashes.
    GrantId
}
