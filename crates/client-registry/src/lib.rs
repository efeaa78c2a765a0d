//! The OAuth client: fields, validation, secrets, and the trait that stores it
