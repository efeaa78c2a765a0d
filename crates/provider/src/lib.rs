//! One method per endpoint, without HTTP: the door for embedding
