//! Data of earlier releases on PostgreSQL.

use portal_test_support::releases::{Contents, Fixture, Inspect, assert_readable};

use crate::postgres::Postgres;

#[test]
fn fixtures_are_full_of_data() {
    for fixture in Fixture::all() {
        let database = Postgres::with(&fixture);
        let gaps = (&database as &dyn Inspect).gaps();
        assert_eq!(gaps, [""; 0], "the fixture {} lacks", fixture.release());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_loses_nothing() {
    for fixture in Fixture::all() {
        let (before, after) = (Postgres::with(&fixture), Postgres::with(&fixture));
        let database = after.open();
        let pending = database.pending_migrations().await.unwrap();
        assert_eq!(database.migrate().await.unwrap(), pending);

        Contents::of(&before).assert_kept_in(&after);
        database.check_isolation(true).await.unwrap();
        assert_readable(&database, &before).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_database_is_like_a_new_one() {
    let new = Postgres::empty();
    new.open().migrate().await.unwrap();
    for fixture in Fixture::all() {
        let database = Postgres::with(&fixture);
        database.open().migrate().await.unwrap();
        let (upgraded, new) = (database.schema(), new.schema());
        let difference = upgraded.lines().zip(new.lines()).find(|(a, b)| a != b);
        assert_eq!(difference, None, "since {}", fixture.release());
        assert_eq!(upgraded.lines().count(), new.lines().count());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrading_again_changes_nothing() {
    for fixture in Fixture::all() {
        let file = Postgres::with(&fixture);
        let database = file.open();
        database.migrate().await.unwrap();
        let (schema, contents) = (file.schema(), Contents::of(&file));
        assert_eq!(database.migrate().await.unwrap(), [""; 0]);
        assert_eq!(file.schema(), schema);
        assert_eq!(Contents::of(&file), contents);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_database_keeps_organizations_apart() {
    for fixture in Fixture::all() {
        let database = Postgres::with(&fixture);
        database.open().migrate().await.unwrap();
        let count = |role, org, table: &str, condition: &str| {
            let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
            let response = database.query_as(role, org, &sql);
            // what may not be read at all is not read of another organization either
            let denied = |error: &String| error.contains("permission denied");
            match response {
                Err(error) if denied(&error) => None,
                response => Some(response.unwrap().parse::<usize>().unwrap()),
            }
        };
        let organizations = database.query("SELECT id FROM organizations");
        assert!(organizations.len() > 2);
        let columns = database.columns();
        let tenants = columns.iter().filter_map(|column| {
            match (column.table.as_str(), column.name.as_str()) {
                ("organizations", "id") => Some(("organizations", "id")),
                (table, "org_id") => Some((table, "org_id")),
                _ => None,
            }
        });
        let mut read = Vec::new();
        for (table, column) in tenants {
            let unnamed = count("portal_app", None, table, "true");
            assert!(matches!(unnamed, None | Some(0)), "{table}: {unnamed:?}");
            for org in &organizations {
                let (own, others) = (
                    format!("{column} = '{org}'"),
                    format!("{column} <> '{org}'"),
                );
                let all = count("postgres", None, table, &own);
                if let Some(found) = count("portal_app", Some(org), table, &own) {
                    assert_eq!(Some(found), all, "{table} of {org}");
                    let foreign = count("portal_app", Some(org), table, &others);
                    assert_eq!(foreign, Some(0), "{table} of others than {org}");
                    read.push(table);
                }
            }
        }
        for table in [
            "tickets",
            "ticket_comments",
            "devices",
            "asset_checkouts",
            "audit_logs",
        ] {
            assert!(read.contains(&table), "{table}");
        }
    }
}
