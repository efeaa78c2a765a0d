//! Fixed clock, seeded entropy, builders and robots for tests
