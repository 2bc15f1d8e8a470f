//! Logins: which may serve, and which may change the schema.

use futures_util::future::join_all;
use portal_domain::access::{self, Claims};
use portal_domain::pagination::PageRequest;
use portal_domain::store::Store as _;
use portal_domain::tickets::TicketFilter;
use portal_persistence::{Access, Database, IsolationError, Logins};
use portal_system_tests::postgres::PostgresServer;
use portal_test_support::postgres::PostgresAddress;

use crate::world::{Failure, open, signed_in, submit};

/// The addresses of a database for three logins.
pub(crate) fn logins(server: &PostgresAddress, [app, system, owner]: [&str; 3]) -> Logins {
    let url = |login| server.url_as(login, "portal");
    Logins {
        app: url(app),
        system: url(system),
        owner: url(owner),
    }
}

/// A server as its administrator would prepare it, with an empty database of the owner's.
pub(crate) fn prepared() -> PostgresServer {
    let server = PostgresServer::start();
    for sql in [
        "CREATE ROLE portal_owner LOGIN; CREATE ROLE portal_app LOGIN;
         CREATE ROLE portal_system LOGIN",
        "CREATE DATABASE portal OWNER portal_owner",
    ] {
        server.address().sql("postgres", sql);
    }
    server
}

pub(crate) const THREE: [&str; 3] = ["portal_app", "portal_system", "portal_owner"];

async fn tickets_of(database: &Database, claims: &Claims) -> i64 {
    let page = access::read(database, claims, None, async |reader| {
        let filter = TicketFilter::default();
        let page = reader.tickets(&filter, PageRequest::default());
        page.await.map_err(Failure::from)
    });
    page.await.unwrap().1.total
}

#[tokio::test(flavor = "multi_thread")]
async fn three_logins_that_are_nothing_else_do_all_the_work() {
    let server = prepared();
    let database = open(logins(server.address(), THREE), Access::Serve);
    assert!(database.may_migrate().await.unwrap());
    let pending = database.pending_migrations().await.unwrap();
    assert_eq!(database.migrate().await.unwrap(), pending);
    assert_eq!(database.pending_migrations().await.unwrap(), [""; 0]);
    assert_eq!(database.migrate().await.unwrap(), [""; 0]);
    database.check_isolation(true).await.unwrap();

    let acme = signed_in(logins(server.address(), THREE), "Acme").await;
    let globex = signed_in(logins(server.address(), THREE), "Globex").await;
    submit(&database, &acme).await.unwrap();
    assert_eq!(tickets_of(&database, &acme).await, 1);
    assert_eq!(tickets_of(&database, &globex).await, 0);
    let system = database.system_reader().await.unwrap();
    let email = "ada@acme.example".parse().unwrap();
    let candidates = system.sign_in_candidates(&email, None).await.unwrap();
    assert_eq!(candidates.len(), 1);

    // the logins that serve see that the schema is up to date, and may not change it
    for login in ["portal_app", "portal_system"] {
        let serving = open(logins(server.address(), [login; 3]), Access::Serve);
        assert_eq!(serving.pending_migrations().await.unwrap(), [""; 0]);
        assert!(!serving.may_migrate().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_superuser_takes_each_role_in_turn() {
    let server = PostgresServer::start();
    server.address().sql("postgres", "CREATE DATABASE portal");
    let single = Logins::single(server.address().url("portal"));
    let database = open(single.clone(), Access::Serve);
    assert!(database.may_migrate().await.unwrap());
    database.migrate().await.unwrap();
    // a second one, whose roles are there already
    server.address().sql("postgres", "CREATE DATABASE another");
    let another = Logins::single(server.address().url("another"));
    open(another, Access::Serve).migrate().await.unwrap();

    database.check_isolation(false).await.unwrap();
    let claims = signed_in(single, "Acme").await;
    submit(&database, &claims).await.unwrap();
    assert_eq!(tickets_of(&database, &claims).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_could_bypass_row_level_security_does_not_serve_in_production() {
    let server = prepared();
    open(logins(server.address(), THREE), Access::Serve)
        .migrate()
        .await
        .unwrap();
    server.address().sql(
        "portal",
        "CREATE ROLE fine LOGIN IN ROLE portal_app;
         CREATE ROLE bypassing LOGIN BYPASSRLS IN ROLE portal_app, portal_system;
         CREATE ROLE making_roles LOGIN CREATEROLE IN ROLE portal_app, portal_system;
         CREATE ROLE owning LOGIN IN ROLE portal_app, portal_system;
         CREATE TABLE leftover (); ALTER TABLE leftover OWNER TO owning;
         CREATE ROLE second_owner LOGIN IN ROLE portal_app, portal_system, portal_owner;
         CREATE ROLE of_both LOGIN IN ROLE portal_app, portal_system",
    );
    let check = async |app: &str, system: &str| {
        let database = open(
            logins(server.address(), [app, system, "portal_owner"]),
            Access::Serve,
        );
        database.check_isolation(false).await.unwrap();
        database.check_isolation(true).await
    };
    check("portal_app", "portal_system").await.unwrap();
    check("fine", "portal_system").await.unwrap();
    for (login, flaw) in [
        ("postgres", "is a superuser"),
        ("bypassing", "has BYPASSRLS"),
        ("making_roles", "has CREATEROLE"),
        ("owning", "owns tables"),
        ("portal_owner", "owns tables"),
        ("second_owner", "may act as the owner of the tables"),
        ("of_both", "may also take the other role that serves"),
    ] {
        for (app, system) in [(login, "portal_system"), ("portal_app", login)] {
            let error = check(app, system).await.unwrap_err();
            let IsolationError::Bypass { login: found, .. } = &error else {
                panic!("{error}");
            };
            assert_eq!(found, login);
            assert!(error.to_string().contains(flaw), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_start_at_once_one_migrates_each_database() {
    let server = PostgresServer::start();
    let names = ["one", "two", "three"];
    let mut databases = Vec::new();
    for name in names {
        let create = format!("CREATE DATABASE {name}");
        server.address().sql("postgres", &create);
        let logins = Logins::single(server.address().url(name));
        for _ in 0..4 {
            databases.push(open(logins.clone(), Access::Serve));
        }
    }
    // The roles, which are not there yet, are the same for all.
    let migrated = join_all(databases.iter().map(Database::migrate)).await;
    let working = migrated
        .into_iter()
        .map(Result::unwrap)
        .filter(|applied| !applied.is_empty());
    assert_eq!(working.count(), names.len());
}
