//! What the database itself refuses, asked in SQL and so without any of this program's checks.

use portal_system_tests::postgres;
use portal_test_support::postgres::PostgresDatabase;

const ACME: &str = "00000000-0000-7000-8000-00000000000a";
const GLOBEX: &str = "00000000-0000-7000-8000-00000000000b";

/// The tables that have a tenant, with a column by which they name it.
const TABLES: [(&str, &str); 14] = [
    ("organizations", "id"),
    ("portal_users", "org_id"),
    ("portal_branding", "org_id"),
    ("domain_checks", "org_id"),
    ("devices", "org_id"),
    ("tickets", "org_id"),
    ("ticket_comments", "org_id"),
    ("ticket_participants", "org_id"),
    ("attachments", "org_id"),
    ("asset_checkouts", "org_id"),
    ("audit_logs", "org_id"),
    ("one_time_tokens", "org_id"),
    ("mail_outbox", "org_id"),
    ("idempotency_keys", "org_id"),
];

/// One row of each table for an organization; every id is that of the organization.
fn rows_of(org: &str) -> String {
    let rows = [
        format!(
            "organizations (id, name, slug, timezone, status, created_at, updated_at)
             VALUES ('{org}', 'An organization', '{org}', 'UTC', 'active', now(), now())"
        ),
        format!(
            "portal_users (id, org_id, email, receive_notifications, status, session_version,
                created_at, updated_at)
             VALUES ('{org}', '{org}', 'ada@{org}.example', true, 'active', 0, now(), now())"
        ),
        format!(
            "portal_branding (id, org_id, domain_verified, enable_tickets, enable_asset_checkout,
                enable_self_service, enable_password_reset, created_at, updated_at)
             VALUES ('{org}', '{org}', false, true, true, true, true, now(), now())"
        ),
        format!(
            "domain_checks (org_id, domain, checked_at)
             VALUES ('{org}', 'help.{org}.example', now())"
        ),
        device(org, org, "printer"),
        format!(
            "tickets (id, org_id, ticket_number, subject, description, search_text, status,
                priority, submitted_by, submitter_email, source, created_at, updated_at)
             VALUES ('{org}', '{org}', '{org}', 'Fire', 'It burns', '', 'new', 'low', '{org}',
                'a@b.example', 'portal', now(), now())"
        ),
        comment(org, org, org),
        format!(
            "ticket_participants (org_id, ticket_id, user_id, added_at)
             VALUES ('{org}', '{org}', '{org}', now())"
        ),
        format!(
            "attachments (id, org_id, file_name, content_type, size_bytes, sha256, position,
                created_at)
             VALUES ('{org}', '{org}', 'private.png', 'image/png', 1, '', 0, now())"
        ),
        format!(
            "asset_checkouts (id, org_id, device_id, checked_out_to, checked_out_to_name,
                checked_out_at, checkout_notes)
             VALUES ('{org}', '{org}', '{org}', '{org}', 'Ada', now(), 'private')"
        ),
        audit_entry(org, org),
        format!(
            "one_time_tokens (id, org_id, user_id, purpose, token_hash, created_at, expires_at)
             VALUES ('{org}', '{org}', '{org}', 'invitation', '{org}', now(), now())"
        ),
        mail(org, org),
        format!(
            "idempotency_keys (org_id, user_id, key, fingerprint, status, answer, created_at)
             VALUES ('{org}', '{org}', 'a', '', 201, 'private', now())"
        ),
    ];
    rows.map(|row| format!("INSERT INTO {row};")).concat()
}

fn device(id: &str, org: &str, hostname: &str) -> String {
    format!(
        "devices (id, org_id, hostname, hostname_key, os_type, os_version, status, is_ephemeral,
            is_loanable, created_at, updated_at)
         VALUES ('{id}', '{org}', '{hostname}', '{hostname}', 'linux', '6', 'online', false, true,
            now(), now())"
    )
}

fn comment(id: &str, org: &str, ticket: &str) -> String {
    format!(
        "ticket_comments (id, org_id, ticket_id, author_name, author_type, content, is_public,
            comment_type, created_at)
         VALUES ('{id}', '{org}', '{ticket}', 'Ada', 'portal', 'Still', true, 'comment', now())"
    )
}

fn audit_entry(id: &str, org: &str) -> String {
    format!(
        "audit_logs (id, org_id, timestamp, actor_type, action, resource_type, resource_id,
            details, result)
         VALUES ('{id}', '{org}', now(), 'system', 'x', 'x', 'x', '{{}}', 'success')"
    )
}

fn mail(id: &str, org: &str) -> String {
    format!(
        "mail_outbox (id, org_id, kind, payload, created_at, next_attempt_at, attempts)
         VALUES ('{id}', '{org}', 'x', '{{}}', now(), now(), 0)"
    )
}

async fn two_organizations() -> PostgresDatabase {
    let database = postgres::database().await;
    database.sql(&rows_of(ACME));
    database.sql(&rows_of(GLOBEX));
    database
}

/// Runs statements under a role, for an organization if there is one.
fn run_as(
    database: &PostgresDatabase,
    role: &str,
    org: Option<&str>,
    sql: &str,
) -> Result<String, String> {
    let tenant = org.map(|org| format!("SET LOCAL app.org_id = '{org}';"));
    let tenant = tenant.unwrap_or_default();
    database.try_sql(&format!("BEGIN; SET ROLE {role}; {tenant} {sql}; COMMIT"))
}

/// Fails unless a statement is refused in these words.
fn assert_refused(result: Result<String, String>, words: &str, what: &str) {
    match result {
        Ok(printed) => panic!("{what} was not refused: {printed}"),
        Err(error) => assert!(error.contains(words), "{what}: {error}"),
    }
}

const POLICY: &str = "violates row-level security policy";
const DENIED: &str = "permission denied";

#[tokio::test]
async fn a_query_that_forgets_the_organization_finds_nothing() {
    let database = two_organizations().await;
    for (table, _) in TABLES {
        assert_eq!(database.sql(&format!("SELECT count(*) FROM {table}")), "2");
        if table == "mail_outbox" {
            continue;
        }
        let count = format!("SELECT count(*) FROM {table}");
        let unscoped = run_as(&database, "portal_app", None, &count);
        assert_eq!(unscoped.as_deref(), Ok("0"), "{table}");
        let scoped = run_as(&database, "portal_app", Some(ACME), &count);
        assert_eq!(scoped.as_deref(), Ok("1"), "{table}");
    }
    let mails = run_as(
        &database,
        "portal_app",
        Some(ACME),
        "SELECT FROM mail_outbox",
    );
    assert_refused(mails, DENIED, "reading mails");
}

#[tokio::test]
async fn without_an_organization_nothing_is_written() {
    let database = two_organizations().await;
    let app = |sql: &str| run_as(&database, "portal_app", None, sql);
    let insert = format!("INSERT INTO {}", device(ACME, ACME, "new"));
    assert_refused(app(&insert), POLICY, "an insert");
    for (table, column) in TABLES {
        let update = format!(
            "WITH changed AS (UPDATE {table} SET {column} = {column} RETURNING 1)
            SELECT count(*) FROM changed"
        );
        match table {
            "organizations" | "audit_logs" | "mail_outbox" => {
                assert_refused(app(&update), DENIED, table);
            }
            _ => assert_eq!(app(&update).as_deref(), Ok("0"), "{table}"),
        }
        let delete = format!("DELETE FROM {table}");
        if ["attachments", "idempotency_keys"].contains(&table) {
            // Their rows are deleted in the end.
            app(&delete).unwrap();
            let left = format!("SELECT count(*) FROM {table}");
            assert_eq!(database.sql(&left), "2", "{table}");
        } else {
            assert_refused(app(&delete), DENIED, table);
        }
    }
}

#[tokio::test]
async fn nothing_is_written_for_another_organization() {
    let database = two_organizations().await;
    let app = |sql: &str| run_as(&database, "portal_app", Some(ACME), sql);
    let other = "00000000-0000-7000-8000-0000000000ff";
    for insert in [
        format!("INSERT INTO {}", device(other, GLOBEX, "new")),
        format!("INSERT INTO {}", audit_entry(other, GLOBEX)),
        format!("INSERT INTO {}", mail(other, GLOBEX)),
        // what is taken over
        format!("UPDATE devices SET org_id = '{GLOBEX}', id = '{other}', hostname_key = 'x'"),
    ] {
        assert_refused(app(&insert), POLICY, &insert);
    }
    // what is not there cannot be changed
    let update = format!(
        "WITH changed AS (UPDATE tickets SET subject = 'x' WHERE org_id = '{GLOBEX}' RETURNING 1)
         SELECT count(*) FROM changed"
    );
    assert_eq!(app(&update).as_deref(), Ok("0"));
    // nor referred to
    let comment = format!("INSERT INTO {}", comment(other, ACME, GLOBEX));
    assert_refused(
        app(&comment),
        "foreign key",
        "a comment on a foreign ticket",
    );
    // nor found out: that a name is taken elsewhere is not told
    let own = format!("INSERT INTO {}", device(other, ACME, "unheard-of"));
    app(&own).unwrap();
}

#[tokio::test]
async fn the_system_reads_what_it_needs_and_nothing_else() {
    let database = two_organizations().await;
    let system = |sql: &str| run_as(&database, "portal_system", None, sql);
    for table in [
        "organizations",
        "portal_users",
        "portal_branding",
        "domain_checks",
        "one_time_tokens",
        "mail_outbox",
    ] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(system(&count).as_deref(), Ok("2"), "{table}");
    }
    let reminders = "SELECT count(org_id) FROM asset_checkouts WHERE checked_in_at IS NULL";
    assert_eq!(system(reminders).as_deref(), Ok("2"));
    let unclaimed = "SELECT count(org_id) FROM attachments WHERE ticket_id IS NULL";
    assert_eq!(system(unclaimed).as_deref(), Ok("2"));
    let expired = "SELECT count(org_id) FROM idempotency_keys WHERE created_at < now()";
    assert_eq!(system(expired).as_deref(), Ok("2"));
    for sql in [
        "SELECT answer FROM idempotency_keys",
        "DELETE FROM idempotency_keys",
        "SELECT subject FROM tickets",
        "SELECT count(*) FROM tickets",
        "SELECT content FROM ticket_comments",
        "SELECT hostname FROM devices",
        "SELECT action FROM audit_logs",
        "SELECT checkout_notes FROM asset_checkouts",
        "SELECT file_name FROM attachments",
        "DELETE FROM attachments",
        "SELECT checked_out_to_name FROM asset_checkouts",
        "UPDATE portal_users SET password_hash = 'x'",
        "UPDATE one_time_tokens SET used_at = NULL",
        "UPDATE mail_outbox SET payload = '{}'",
        "UPDATE mail_outbox SET org_id = org_id",
        "INSERT INTO mail_outbox SELECT * FROM mail_outbox",
        "DELETE FROM mail_outbox",
        "UPDATE organizations SET status = 'disabled'",
        "INSERT INTO organizations SELECT * FROM organizations",
    ] {
        assert_refused(system(sql), DENIED, sql);
    }
    system("UPDATE mail_outbox SET attempts = 1, sent_at = now()").unwrap();
}

#[tokio::test]
async fn the_owner_works_on_all_organizations_or_on_the_one_it_named() {
    let database = two_organizations().await;
    for (table, _) in TABLES {
        let count = format!("SELECT count(*) FROM {table}");
        let all = run_as(&database, "portal_owner", None, &count);
        assert_eq!(all.as_deref(), Ok("2"), "{table}");
        let one = run_as(&database, "portal_owner", Some(ACME), &count);
        assert_eq!(one.as_deref(), Ok("1"), "{table}");
    }
    let insert = format!("INSERT INTO {}", device(GLOBEX, GLOBEX, "new"));
    let foreign = run_as(&database, "portal_owner", Some(ACME), &insert);
    assert_refused(
        foreign,
        POLICY,
        "an operator's write for another organization",
    );
}

#[tokio::test]
async fn every_table_with_a_tenant_is_fenced() {
    let database = postgres::database().await;
    let fenced = database.sql(
        "SELECT relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND relrowsecurity AND relforcerowsecurity
         ORDER BY relname COLLATE \"C\"",
    );
    let with_tenant = database.sql(
        "SELECT relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND (relname = 'organizations' OR EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'org_id'
            ))
         ORDER BY relname COLLATE \"C\"",
    );
    assert_eq!(fenced, with_tenant);
    assert_eq!(fenced.lines().count(), TABLES.len());
}

#[tokio::test]
async fn the_serving_roles_own_nothing_and_pass_no_fence() {
    let database = postgres::database().await;
    let owners = database.sql(
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace",
    );
    assert_eq!(owners, "portal_owner");
    let owners = database.sql(
        "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace",
    );
    assert_eq!(owners, "portal_owner");
    let strong = database.sql(
        "SELECT count(*) FROM pg_roles
         WHERE rolname IN ('portal_app', 'portal_system')
            AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
    );
    assert_eq!(strong, "0");
    let memberships = database.sql(
        "SELECT count(*) FROM pg_auth_members
         WHERE member IN ('portal_app'::regrole, 'portal_system'::regrole)",
    );
    assert_eq!(memberships, "0");
    let definers = database.sql(
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
    );
    assert_eq!(definers, "0");
}

#[tokio::test]
async fn each_role_has_the_rights_that_were_meant() {
    let database = postgres::database().await;
    let rights = |role: &str| {
        database.sql(&format!(
            "SELECT table_name || ' ' || string_agg(lower(privilege_type), ','
                    ORDER BY privilege_type)
             FROM information_schema.role_table_grants
             WHERE grantee = '{role}' GROUP BY table_name ORDER BY table_name COLLATE \"C\""
        ))
    };
    assert_eq!(
        rights("portal_app"),
        "__diesel_schema_migrations select\n\
         asset_checkouts insert,select,update\n\
         attachments delete,insert,select,update\n\
         audit_logs insert,select\n\
         devices insert,select,update\n\
         domain_checks insert,select,update\n\
         idempotency_keys delete,insert,select,update\n\
         mail_outbox insert\n\
         one_time_tokens insert,select,update\n\
         organizations select\n\
         portal_branding insert,select,update\n\
         portal_users insert,select,update\n\
         ticket_comments insert,select,update\n\
         ticket_participants insert,select,update\n\
         tickets insert,select,update"
    );
    assert_eq!(
        rights("portal_system"),
        "__diesel_schema_migrations select\n\
         domain_checks select\n\
         mail_outbox select\n\
         one_time_tokens select\n\
         organizations select\n\
         portal_branding select\n\
         portal_users select"
    );
}
