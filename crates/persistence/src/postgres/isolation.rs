//! Checks that row-level security holds for the serving logins.

use std::time::Duration;

use portal_domain::store::StorageError;
use tokio_postgres::Row;

use super::address::Address;
use super::connection::{ConnectError, connect_plainly};
use super::roles::Role;
use crate::errors::{in_time, unavailable};

/// Why row-level security does not hold, or could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum IsolationError {
    /// A login that serves requests could get around row-level security.
    #[error(
        "the database login `{login}` {flaw}, so that row-level security would not hold it; \
         serve as a login that is `{role}` and nothing else"
    )]
    Bypass {
        /// The login.
        login: String,
        /// What it is or may do, such as `is a superuser`.
        flaw: &'static str,
        /// The role whose rights it should have.
        role: &'static str,
    },
    /// The database could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a login may do: `$1` is the owner's role, `$2` the other one that serves.
const RIGHTS: &str = "
    SELECT
        rolname::text AS login,
        rolsuper AS is_superuser,
        rolbypassrls AS bypasses,
        rolcreaterole AS makes_roles,
        EXISTS (
            SELECT FROM pg_class
            WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p')
                AND relnamespace = to_regnamespace(current_schema())
        ) AS owns,
        coalesce(pg_has_role(oid, to_regrole($1)::oid, 'MEMBER'), false) AS is_owner,
        coalesce(pg_has_role(oid, to_regrole($2)::oid, 'MEMBER'), false) AS is_other
    FROM pg_roles
    WHERE rolname = session_user";

pub(crate) async fn check(
    app: &Address,
    system: &Address,
    limit: Duration,
    production: bool,
) -> Result<(), IsolationError> {
    for (address, role, other) in [
        (app, Role::App, Role::System),
        (system, Role::System, Role::App),
    ] {
        let rights = in_time(limit, rights(address, other)).await?;
        let Some(flaw) = flaw(&rights).map_err(unavailable)? else {
            continue;
        };
        let login = rights.try_get("login").map_err(unavailable)?;
        let error = IsolationError::Bypass {
            login,
            flaw,
            role: role.as_str(),
        };
        if production {
            return Err(error);
        }
        tracing::warn!("{error}");
    }
    Ok(())
}

async fn rights(address: &Address, other: Role) -> Result<Row, ConnectError> {
    let (client, _) = connect_plainly(address).await?;
    let roles = (Role::Owner.as_str(), other.as_str());
    Ok(client.query_one(RIGHTS, &[&roles.0, &roles.1]).await?)
}

fn flaw(rights: &Row) -> Result<Option<&'static str>, tokio_postgres::Error> {
    for (column, flaw) in [
        ("is_superuser", "is a superuser"),
        ("bypasses", "has BYPASSRLS"),
        ("makes_roles", "has CREATEROLE"),
        ("owns", "owns tables"),
        ("is_owner", "may act as the owner of the tables"),
        ("is_other", "may also take the other role that serves"),
    ] {
        if rights.try_get(column)? {
            return Ok(Some(flaw));
        }
    }
    Ok(None)
}
