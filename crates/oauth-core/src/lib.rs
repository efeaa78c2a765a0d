//! Authorize, grants, introspection, revocation, userinfo, discovery and ID tokens
