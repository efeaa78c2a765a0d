//! Typed settings from files and the environment under Hydra's names
