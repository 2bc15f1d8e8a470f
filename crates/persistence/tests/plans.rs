//! How the databases answer the queries behind lists: by an index, however large a table is.
//!
//! The queries are recorded while the ports are used, on a database with a large organization among
//! others, and then explained by the database.

#![expect(
    clippy::expect_used,
    reason = "a test whose world is not as it has to be fails"
)]

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{
    Connection as _, InstrumentationEvent, SimpleConnection as _, set_default_instrumentation,
};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use portal_domain::devices::DeviceFilter;
use portal_domain::ids::UserId;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{Role, UserChanges};
use portal_domain::store::{TenantReader, TenantScope, TenantStore as _};
use portal_domain::tickets::{
    Audience, TicketFilter, TicketPriority, TicketScope, TicketSort, TicketStatus,
};
use portal_test_support::{ManualEnvironment, TestDatabase, fixtures, operator};

/// The indexes that are there for lists. Some list is answered by each.
const INDEXES: [&str; 12] = [
    "asset_checkouts_borrower",
    "attachments_ticket",
    "devices_listed",
    "devices_loanable",
    "ticket_comments_public",
    "ticket_comments_team",
    "tickets_by_creation",
    "tickets_by_priority",
    "tickets_by_update",
    "tickets_own_by_creation",
    "tickets_own_by_priority",
    "tickets_own_by_update",
];

static RECORDED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Records the queries of all connections that are opened from now on.
fn record() {
    let recorder = || -> Option<Box<dyn diesel::connection::Instrumentation>> {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let query = query.to_string();
                let sql = query.split(" -- binds:").next().unwrap_or_default();
                recorded().insert(sql.to_owned());
            }
        }))
    };
    set_default_instrumentation(recorder).expect("the recorder");
}

fn recorded() -> std::sync::MutexGuard<'static, BTreeSet<String>> {
    RECORDED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Multiplies a ticket, a comment on it, a device and its loan of an organization, and gives each
/// ticket a file.
fn multiply(database: &TestDatabase, org: &str, size: u32) {
    let (id, numbers, at) = if database.postgres().is_some() {
        (
            "gen_random_uuid()",
            "generate_series(1, {n}) AS numbers(n)",
            "timestamptz '2020-01-01 00:00:00+00' + n * interval '1 minute'",
        )
    } else {
        (
            "(SELECT lower(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' || substr(h, 13, 3)
                || '-8' || substr(h, 16, 3) || '-' || substr(h, 19, 12))
              FROM (SELECT hex(randomblob(16)) AS h, n))",
            "(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {n})
              SELECT n FROM counted)",
            "datetime('2020-01-01', '+' || n || ' minutes') || '.000000+00:00'",
        )
    };
    let numbers = numbers.replace("{n}", &size.to_string());
    let sql = format!(
        "INSERT INTO tickets (id, org_id, ticket_number, subject, description, status, priority,
            submitted_by, submitter_email, source, created_at, updated_at, search_text)
        SELECT {id}, org_id, 'N' || substr(replace(CAST(org_id AS text), '-', ''), 20) || n, subject,
            description,
            CASE n % 4 WHEN 0 THEN 'closed' WHEN 1 THEN 'open' ELSE 'new' END,
            CASE n % 4 WHEN 0 THEN 'low' WHEN 1 THEN 'high' ELSE 'normal' END,
            submitted_by, submitter_email, source, {at}, {at}, search_text
        FROM tickets, {numbers} WHERE org_id = '{org}';
        INSERT INTO ticket_comments (id, org_id, ticket_id, portal_user_id, author_name, author_type,
            content, is_public, comment_type, created_at)
        SELECT {id}, org_id, ticket_id, portal_user_id, author_name, author_type, content, is_public,
            comment_type, {at}
        FROM ticket_comments, {numbers} WHERE org_id = '{org}';
        INSERT INTO devices (id, org_id, hostname, hostname_key, os_type, os_version, status,
            last_seen_at, is_ephemeral, is_loanable, created_at, updated_at, search_text)
        SELECT {id}, org_id, hostname || n, hostname_key || n, os_type, os_version,
            CASE n % 3 WHEN 0 THEN 'online' WHEN 1 THEN 'offline' ELSE 'decommissioned' END, {at},
            is_ephemeral, is_loanable, created_at, updated_at, search_text || n
        FROM devices, {numbers} WHERE org_id = '{org}';
        INSERT INTO asset_checkouts (id, org_id, device_id, checked_out_to, checked_out_to_name,
            checked_out_at, checked_in_at)
        SELECT {id}, org_id, device_id, checked_out_to, checked_out_to_name, {at}, {at}
        FROM asset_checkouts, {numbers} WHERE org_id = '{org}';
        INSERT INTO attachments (id, org_id, file_name, content_type, size_bytes, sha256, ticket_id,
            \"position\", created_at)
        SELECT id, org_id, 'a.txt', 'text/plain', 1, '{hash}', id, 0, created_at
        FROM tickets WHERE org_id = '{org}';",
        hash = "0".repeat(64),
    );
    if let Some(database) = database.postgres() {
        database.sql(&sql);
    } else {
        sqlite(database).batch_execute(&sql).expect("the rows");
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// By which searches ask whether somebody waits for them.
    fn is_awaited() -> Bool;
}

fn sqlite(database: &TestDatabase) -> SqliteConnection {
    let file = database.sqlite_file().expect("a file");
    let conn = SqliteConnection::establish(&file.display().to_string());
    let conn = conn.expect("a connection");
    let registered = is_awaited_utils::register_nondeterministic_impl(&conn, || true);
    registered.expect("the function");
    conn
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The steps by which the database would answer a query, whatever its parameters.
fn plan(database: &TestDatabase, org: &str, sql: &str) -> Vec<String> {
    if let Some(database) = database.postgres() {
        // PostgreSQL plans with the values of parameters while that gives cheaper plans, and here the
        // size and place of the page do.
        let sql = with_value(&with_value(sql, "LIMIT", 50), "OFFSET", 50);
        let parameters = (1..100).take_while(|n| sql.contains(&format!("${n}")));
        let parameters = vec!["NULL"; parameters.count()].join(", ");
        // A search reads all devices of its organization, whose size therefore decides.
        let (types, sql) = if is_search(&sql) {
            ("(uuid)", sql.replace("$1", &format!("'{org}'")))
        } else {
            ("", sql)
        };
        let arguments = if parameters.is_empty() {
            String::new()
        } else {
            format!("({parameters})")
        };
        let plan = database.sql(&format!(
            "SET ROLE portal_app; SET app.org_id = '{org}';
            SET plan_cache_mode = force_generic_plan;
            PREPARE explained {types} AS {sql};
            EXPLAIN (COSTS OFF) EXECUTE explained{arguments};"
        ));
        return plan.lines().map(|line| line.trim().to_owned()).collect();
    }
    let explained = sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
    let steps: Vec<Step> = explained.load(&mut sqlite(database)).expect("a plan");
    steps.into_iter().map(|step| step.detail).collect()
}

/// A query with a value in the place of the parameter after a keyword, which is the last.
fn with_value(sql: &str, keyword: &str, value: u32) -> String {
    match sql.split_once(&format!("{keyword} $")) {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}{keyword} {value}{rest}")
        }
        None => sql.to_owned(),
    }
}

fn is_search(sql: &str) -> bool {
    sql.contains(" LIKE ")
}

/// Whether a step reads a large table from one end to the other, or puts its rows in order. A search
/// may put in order what it has found: how much that is is not known beforehand.
fn is_costly(step: &str, sql: &str) -> bool {
    let large = [
        "tickets",
        "ticket_comments",
        "devices",
        "asset_checkouts",
        "attachments",
    ];
    let step = step.trim_start_matches("->").trim();
    let scanned = step.split_once("Seq Scan on ").map(|(_, rest)| rest);
    let scanned = scanned.or_else(|| step.strip_prefix("SCAN "));
    let table = scanned.and_then(|rest| rest.split(' ').next());
    table.is_some_and(|table| large.contains(&table))
        || step.starts_with("Sort") && !is_search(sql)
        || step.starts_with("Incremental Sort")
        || step.contains("TEMP B-TREE")
}

async fn use_every_list(reader: &dyn TenantReader, user: UserId) {
    // The second is nearer to the end of each list that is not narrowed.
    let pages = [PageRequest::default(), PageRequest::new(12, 50)];
    let sorts = [true, false].into_iter().flat_map(|descending| {
        [
            TicketSort::CreatedAt { descending },
            TicketSort::UpdatedAt { descending },
            TicketSort::Priority { descending },
        ]
    });
    for sort in sorts {
        for scope in [TicketScope::Mine, TicketScope::Organization] {
            for is_filtered in [false, true] {
                let mut filter = TicketFilter {
                    sort,
                    ..TicketFilter::of(user, scope)
                };
                if is_filtered {
                    filter.statuses = vec![TicketStatus::Closed, TicketStatus::Resolved];
                    filter.priorities = vec![TicketPriority::Low];
                }
                for page in pages {
                    reader.tickets(&filter, page).await.expect("tickets");
                }
            }
        }
    }
    let every = TicketFilter::default();
    let tickets = reader
        .team_tickets(&every, pages[0])
        .await
        .expect("tickets");
    for ticket in tickets.items.iter().take(1) {
        let id = ticket.summary.id;
        for audience in [Audience::Customer, Audience::Team] {
            for page in pages {
                reader.comments(id, audience, page).await.expect("comments");
            }
        }
        reader.last_team_reply(id).await.expect("a reply");
        reader.files_of_ticket(id).await.expect("files");
        reader.visible_ticket(user, id).await.expect("a ticket");
    }
    let words = "pc".parse().expect("words");
    for page in pages {
        for words in [None, Some(&words)] {
            let filter = DeviceFilter {
                words,
                ..DeviceFilter::default()
            };
            reader.devices(filter, page).await.expect("devices");
        }
        reader.available_assets(page).await.expect("devices");
        reader.loans_of(user, page).await.expect("loans");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_scans_or_sorts_a_large_table() {
    record();
    let database = TestDatabase::create().await;
    let env = ManualEnvironment::at("2026-01-31T09:05:00Z");
    let mut ada = None;
    for (name, size) in [("globex", 20_000), ("initech", 20_000), ("acme", 1_000)] {
        let organization = fixtures::organization(&database.operator, &env, name).await;
        let scope = TenantScope::of(organization.id);
        let store = &database.operator;
        let email = format!("ada@{name}.example");
        let user = fixtures::user(store, &env, scope, fixtures::new_user(&email, None)).await;
        fixtures::change(store, &env, scope, &operator(), async |op| {
            let manager = UserChanges {
                role: Some(Role::Manager),
                ..UserChanges::default()
            };
            portal_domain::profiles::update(op, &user.email, manager).await
        })
        .await;
        let customer = fixtures::customer(store, scope, user.id).await;
        let ticket = fixtures::ticket(store, &env, &customer, fixtures::new_ticket("a")).await;
        fixtures::change(store, &env, scope, &customer, async |op| {
            let text = "Hello".parse().expect("a text");
            portal_domain::tickets::add_customer_reply(op, ticket.id, text).await
        })
        .await;
        let device = fixtures::device_record("pc");
        let device = fixtures::device(store, &env, scope, device).await;
        fixtures::loan(store, &env, &customer, &device, None).await;
        multiply(&database, &organization.id.to_string(), size);
        ada = Some((scope, user.id, organization.id.to_string()));
    }
    let (scope, user, org) = ada.expect("the last one");
    // SQLite has to do without statistics, as it does for the portal.
    if let Some(database) = database.postgres() {
        database.sql("VACUUM ANALYZE");
    }

    recorded().clear();
    let reader = database.database.reader(scope).await.expect("a reader");
    use_every_list(&*reader, user).await;
    drop(reader);
    let queries = recorded().clone();
    let lists: Vec<_> = queries
        .iter()
        .filter(|sql| sql.trim_start().starts_with("SELECT"))
        .collect();
    assert!(lists.len() > 30, "{lists:#?}");
    let (mut costly, mut reached) = (Vec::new(), BTreeSet::new());
    for sql in lists {
        let plan = plan(&database, &org, sql);
        assert!(!plan.is_empty(), "{sql}");
        if plan.iter().any(|step| is_costly(step, sql)) {
            costly.push(format!("{sql}\n{}", plan.join("\n")));
        }
        let words = plan.iter().flat_map(|step| step.split(' '));
        reached.extend(words.filter_map(|word| INDEXES.iter().find(|index| **index == word)));
    }
    assert!(costly.is_empty(), "{}", costly.join("\n\n"));
    // A missing index and a useless one both fail.
    assert_eq!(reached, INDEXES.iter().collect());
}
