//! Login, consent and logout as state machines, and the trait that stores them
