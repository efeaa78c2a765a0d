//! JSON, form and query shapes of the public and the admin HTTP API
