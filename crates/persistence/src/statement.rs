//! Statements of constant text.
//!
//! diesel never caches a prepared `UPDATE` on PostgreSQL, has no conditional `INSERT … SELECT` of
//! literals, no portable upsert and no data-modifying `WITH`. Statements that need these, or that
//! every request runs, are written out. They are prepared once per connection, whatever they do.
//!
//! Parameters are `$1`, `$2`, … in the order of their first appearance in the text: PostgreSQL
//! counts them by number, SQLite takes them for names and numbers them as they appear. Statements
//! that begin with `WITH` change data in several places at once, which only PostgreSQL can; there
//! the order is free.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, Bool, HasSqlType, Nullable, Text};

/// A text and the types of the rows it gives.
pub(crate) trait Statement: Send + 'static {
    /// The constant text.
    const SQL: &'static str;
    /// The SQL types of a row; `()` if it gives none.
    type Row;
}

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Int(i64),
    MaybeInt(Option<i64>),
    Flag(bool),
    Bytes(&'a [u8]),
    MaybeBytes(Option<&'a [u8]>),
}

/// A statement with its parameters, to be run as any diesel query.
pub(crate) struct Fixed<'a, S> {
    values: Vec<Value<'a>>,
    statement: PhantomData<fn() -> S>,
}

/// Gives a statement its parameters, in order.
pub(crate) fn fixed<'a, S: Statement>(_: S, values: impl Into<Vec<Value<'a>>>) -> Fixed<'a, S> {
    let values = values.into();
    debug_assert!(
        counts_up_to(S::SQL, values.len()),
        "parameters are out of order: {}",
        S::SQL
    );
    Fixed {
        values,
        statement: PhantomData,
    }
}

/// Whether the parameters of a text are 1, 2, … `count` and, but for `WITH`, first appear in that
/// order.
fn counts_up_to(sql: &str, count: usize) -> bool {
    let mut seen: Vec<usize> = Vec::new();
    for part in sql.split('$').skip(1) {
        let digits = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        match part[..digits].parse() {
            Ok(number) if seen.contains(&number) => {}
            Ok(number) => seen.push(number),
            Err(_) => return false,
        }
    }
    if sql.starts_with("WITH ") {
        seen.sort_unstable();
    }
    seen.into_iter().eq(1..=count)
}

impl<S: Statement> QueryId for Fixed<'_, S> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: Statement> Query for Fixed<'_, S> {
    type SqlType = S::Row;
}

impl<S, DB> QueryFragment<DB> for Fixed<'_, S>
where
    S: Statement,
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt> + HasSqlType<Bool> + HasSqlType<Binary>,
    DB: diesel::backend::DieselReserveSpecialization,
    str: ToSql<Text, DB>,
    [u8]: ToSql<Binary, DB>,
    i64: ToSql<BigInt, DB>,
    bool: ToSql<Bool, DB>,
    for<'v> Option<&'v str>: ToSql<Nullable<Text>, DB>,
    for<'v> Option<&'v [u8]>: ToSql<Nullable<Binary>, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(S::SQL);
        for value in &self.values {
            match value {
                Value::Text(v) => out.push_bind_param_value_only::<Text, _>(*v)?,
                Value::MaybeText(v) => out.push_bind_param_value_only::<Nullable<Text>, _>(v)?,
                Value::Int(v) => out.push_bind_param_value_only::<BigInt, _>(v)?,
                Value::MaybeInt(v) => out.push_bind_param_value_only::<Nullable<BigInt>, _>(v)?,
                Value::Flag(v) => out.push_bind_param_value_only::<Bool, _>(v)?,
                Value::Bytes(v) => out.push_bind_param_value_only::<Binary, _>(*v)?,
                Value::MaybeBytes(v) => {
                    out.push_bind_param_value_only::<Nullable<Binary>, _>(v)?;
                }
            }
        }
        Ok(())
    }
}

/// Declares statements: a name for `fixed`, the text, and the types of a row if it gives rows.
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $sql:expr $(, -> $row:ty)?;)+) => { $(
        $(#[$meta])*
        $vis struct $name;
        $(#[$meta])*
        impl $crate::statement::Statement for $name {
            const SQL: &'static str = $sql;
            type Row = $crate::statement::row_of!($($row)?);
        }
    )+ };
}

/// The row type of a declaration, or `()`.
macro_rules! row_of {
    () => {
        ()
    };
    ($row:ty) => {
        $row
    };
}

pub(crate) use {row_of, statements};

#[cfg(test)]
mod tests {
    use super::counts_up_to;

    #[test]
    fn parameters_have_to_count_up() {
        for (sql, count, good) in [
            ("SELECT 1", 0, true),
            ("a = $1 AND b = $2 OR c = $1", 2, true),
            ("a = $2 AND b = $1", 2, false),
            ("a = $1", 2, false),
            ("a = $1 AND b = $3", 3, false),
            ("WITH w AS (a = $2) b = $1", 2, true),
            ("WITH w AS (a = $2) b = $1", 3, false),
        ] {
            assert_eq!(counts_up_to(sql, count), good, "{sql}");
        }
    }
}
