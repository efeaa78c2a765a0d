//! Signing, sealing, hashing and comparing: the only crate that names josekit and ring
