//! Log subscriber and redaction
