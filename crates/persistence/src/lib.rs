//! All store traits over SQLite and PostgreSQL, written once with diesel-async
