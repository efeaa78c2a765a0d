//! The test suite that every storage back end must pass
