//! Key sets: generate, select, rotate, seal at rest, and the trait that stores them
