use crate::schema::{Initial, Key, Kind, key};

pub(crate) const KEYS: &[Key] = &[
    key(
        "dsn",
        Kind::Text,
        "Data source name of the database; `memory` keeps nothing.",
    )
    .secret(),
    key(
        "dev",
        Kind::Bool,
        "Development mode: http issuer, cookies without Secure.",
    )
    .or(Initial::Bool(false)),
    key(
        "version",
        Kind::Version,
        "The version the file was written for; informational.",
    ),
    key(
        "profiling",
        Kind::OneOf(&["cpu", "mem"]),
        "What to profile; only the environment variable is acted upon.",
    ),
    key(
        "db.ignore_unknown_table_columns",
        Kind::Bool,
        "Tolerate columns that this build does not know.",
    )
    .or(Initial::Bool(false)),
    key(
        "cgroups.v1.auto_max_procs_enabled",
        Kind::Bool,
        "Cap the number of threads by the CPU quota of cgroups v1.",
    )
    .or(Initial::Bool(false)),
    key(
        "sqa.opt_out",
        Kind::Bool,
        "Accepted for compatibility; nothing is ever sent home.",
    )
    .or(Initial::Bool(false)),
];
