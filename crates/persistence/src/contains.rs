//! Literal substring search in SQL.
//!
//! `LIKE` would not do: it gives `%` and `_` a meaning, ignores case on one database only, and
//! bounds the pattern's length on SQLite.

use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;

/// See [`contains`].
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub(crate) struct Contains<Haystack, Needle> {
    haystack: Haystack,
    needle: Needle,
}

/// Whether `needle` occurs in `haystack`.
pub(crate) fn contains<Haystack, Needle>(
    haystack: Haystack,
    needle: Needle,
) -> Contains<Haystack, Needle::Expression>
where
    Haystack: Expression<SqlType = Text>,
    Needle: AsExpression<Text>,
{
    Contains {
        haystack,
        needle: needle.as_expression(),
    }
}

impl<H: Expression, N: Expression> Expression for Contains<H, N> {
    type SqlType = Bool;
}

impl<H, N, Source> AppearsOnTable<Source> for Contains<H, N>
where
    Self: Expression,
    H: AppearsOnTable<Source>,
    N: AppearsOnTable<Source>,
{
}

impl<H, N, Source> SelectableExpression<Source> for Contains<H, N>
where
    Self: AppearsOnTable<Source>,
    H: SelectableExpression<Source>,
    N: SelectableExpression<Source>,
{
}

impl<H: QueryFragment<Pg>, N: QueryFragment<Pg>> QueryFragment<Pg> for Contains<H, N> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk_function("strpos", out)
    }
}

impl<H: QueryFragment<Sqlite>, N: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Contains<H, N> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.walk_function("instr", out)
    }
}

impl<H, N> Contains<H, N> {
    /// Calls a function that says at which character, counted from 1, the needle begins.
    fn walk_function<'b, DB>(
        &'b self,
        function: &'static str,
        mut out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>
    where
        DB: Backend,
        H: QueryFragment<DB>,
        N: QueryFragment<DB>,
    {
        out.push_sql(function);
        out.push_sql("(");
        self.haystack.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.needle.walk_ast(out.reborrow())?;
        out.push_sql(") > 0");
        Ok(())
    }
}
