//! The tables, in types that both databases have. `migrations/` has keys and constraints.

diesel::table! {
    use crate::sql_types::{Text, UtcTimestamp, Uuid};

    organizations (id) {
        id -> Uuid,
        name -> Text,
        slug -> Text,
        timezone -> Text,
        status -> Text,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use crate::sql_types::{BigInt, Bool, Nullable, Text, UtcTimestamp, Uuid};

    portal_users (id) {
        id -> Uuid,
        org_id -> Uuid,
        email -> Text,
        name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        receive_notifications -> Bool,
        status -> Text,
        role -> Text,
        notify_own_tickets -> Bool,
        notify_shared_tickets -> Bool,
        notify_loans -> Bool,
        locale -> Nullable<Text>,
        last_login_at -> Nullable<UtcTimestamp>,
        invited_at -> Nullable<UtcTimestamp>,
        session_version -> BigInt,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use crate::sql_types::{Bool, Nullable, Text, UtcTimestamp, Uuid};

    portal_branding (id) {
        id -> Uuid,
        org_id -> Uuid,
        logo_url -> Nullable<Text>,
        favicon_url -> Nullable<Text>,
        primary_color -> Nullable<Text>,
        secondary_color -> Nullable<Text>,
        accent_color -> Nullable<Text>,
        custom_domain -> Nullable<Text>,
        domain_verified -> Bool,
        domain_token -> Nullable<Text>,
        welcome_message -> Nullable<Text>,
        support_email -> Nullable<Text>,
        support_phone -> Nullable<Text>,
        footer_text -> Nullable<Text>,
        custom_css -> Nullable<Text>,
        enable_tickets -> Bool,
        enable_asset_checkout -> Bool,
        enable_self_service -> Bool,
        enable_password_reset -> Bool,
        enable_colleagues -> Bool,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
    }
}

diesel::table! {
    use crate::sql_types::{Bool, Nullable, Text, UtcTimestamp, Uuid};

    devices (id) {
        id -> Uuid,
        org_id -> Uuid,
        hostname -> Text,
        hostname_key -> Text,
        display_name -> Nullable<Text>,
        os_type -> Text,
        os_version -> Text,
        status -> Text,
        last_seen_at -> Nullable<UtcTimestamp>,
        is_ephemeral -> Bool,
        is_loanable -> Bool,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
        search_text -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::sql_types::{Nullable, Text, UtcTimestamp, Uuid};

    tickets (id) {
        id -> Uuid,
        org_id -> Uuid,
        ticket_number -> Text,
        subject -> Text,
        description -> Text,
        search_text -> Text,
        status -> Text,
        priority -> Text,
        submitted_by -> Uuid,
        submitter_email -> Text,
        submitter_name -> Nullable<Text>,
        device_id -> Nullable<Uuid>,
        assigned_to_name -> Nullable<Text>,
        source -> Text,
        external_ticket_id -> Nullable<Text>,
        external_ticket_url -> Nullable<Text>,
        created_at -> UtcTimestamp,
        updated_at -> UtcTimestamp,
        first_response_at -> Nullable<UtcTimestamp>,
        resolved_at -> Nullable<UtcTimestamp>,
        closed_at -> Nullable<UtcTimestamp>,
        deleted_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Bool, Nullable, Text, UtcTimestamp, Uuid};

    ticket_comments (id) {
        id -> Uuid,
        org_id -> Uuid,
        ticket_id -> Uuid,
        portal_user_id -> Nullable<Uuid>,
        author_name -> Text,
        author_type -> Text,
        content -> Text,
        is_public -> Bool,
        comment_type -> Text,
        created_at -> UtcTimestamp,
        edited_at -> Nullable<UtcTimestamp>,
        deleted_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{BigInt, Integer, Nullable, Text, UtcTimestamp, Uuid};

    attachments (id) {
        id -> Uuid,
        org_id -> Uuid,
        file_name -> Text,
        content_type -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        uploaded_by -> Nullable<Uuid>,
        ticket_id -> Nullable<Uuid>,
        comment_id -> Nullable<Uuid>,
        position -> Integer,
        created_at -> UtcTimestamp,
        removed_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Nullable, UtcTimestamp, Uuid};

    ticket_participants (ticket_id, user_id) {
        org_id -> Uuid,
        ticket_id -> Uuid,
        user_id -> Uuid,
        added_at -> UtcTimestamp,
        removed_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Nullable, Text, UtcTimestamp, Uuid};

    asset_checkouts (id) {
        id -> Uuid,
        org_id -> Uuid,
        device_id -> Uuid,
        checked_out_to -> Uuid,
        checked_out_to_name -> Text,
        checked_out_at -> UtcTimestamp,
        expected_return_at -> Nullable<UtcTimestamp>,
        checked_in_at -> Nullable<UtcTimestamp>,
        checkout_notes -> Nullable<Text>,
        checkin_notes -> Nullable<Text>,
        condition -> Nullable<Text>,
        checkin_condition -> Nullable<Text>,
        due_reminded_for -> Nullable<UtcTimestamp>,
        overdue_reminded_for -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Jsonb, Nullable, Text, UtcTimestamp, Uuid};

    audit_logs (id) {
        id -> Uuid,
        org_id -> Uuid,
        timestamp -> UtcTimestamp,
        actor_type -> Text,
        actor_id -> Nullable<Uuid>,
        actor_email -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        action -> Text,
        resource_type -> Text,
        resource_id -> Text,
        resource_name -> Nullable<Text>,
        details -> Jsonb,
        ip_address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        result -> Text,
    }
}

diesel::table! {
    use crate::sql_types::{Nullable, Text, UtcTimestamp, Uuid};

    one_time_tokens (id) {
        id -> Uuid,
        org_id -> Uuid,
        user_id -> Uuid,
        purpose -> Text,
        token_hash -> Text,
        created_at -> UtcTimestamp,
        expires_at -> UtcTimestamp,
        used_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Integer, Jsonb, Nullable, Text, UtcTimestamp, Uuid};

    mail_outbox (id) {
        id -> Uuid,
        org_id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        created_at -> UtcTimestamp,
        next_attempt_at -> UtcTimestamp,
        attempts -> Integer,
        last_error -> Nullable<Text>,
        sent_at -> Nullable<UtcTimestamp>,
        dead_at -> Nullable<UtcTimestamp>,
        priority -> Integer,
        retried_at -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Nullable, Text, UtcTimestamp, Uuid};

    domain_checks (org_id) {
        org_id -> Uuid,
        domain -> Text,
        checked_at -> UtcTimestamp,
        missing_since -> Nullable<UtcTimestamp>,
    }
}

diesel::table! {
    use crate::sql_types::{Integer, Nullable, Text, UtcTimestamp, Uuid};

    idempotency_keys (user_id, key) {
        org_id -> Uuid,
        user_id -> Uuid,
        key -> Text,
        fingerprint -> Text,
        status -> Nullable<Integer>,
        answer -> Nullable<Text>,
        created_at -> UtcTimestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    portal_users,
    portal_branding,
    domain_checks,
    devices,
    tickets,
    ticket_comments,
    ticket_participants,
    attachments,
    asset_checkouts,
    audit_logs,
    one_time_tokens,
    mail_outbox,
    idempotency_keys,
);

#[cfg(test)]
mod tests {
    use diesel::QueryDsl as _;
    use diesel::pg::Pg;
    use diesel::sqlite::Sqlite;
    use portal_domain::store::StorageError;
    use tokio::runtime::Handle;

    use super::*;
    use crate::config::{DatabaseConfig, Target};
    use crate::conn::Conn;
    use crate::database::Database;
    use crate::sqlite::{SqliteSession, open_sqlite};

    /// Selects all columns that this module knows, of every table.
    macro_rules! select_all {
        ($conn:expr, $($table:ident),+) => { $(
            let query = $table::table.select($table::all_columns);
            let sql = match $conn {
                Conn::Pg(_) => diesel::debug_query::<Pg, _>(&query).to_string(),
                Conn::Sqlite(_) | Conn::Ended => {
                    diesel::debug_query::<Sqlite, _>(&query).to_string()
                }
            };
            $conn.batch(&sql).await?;
        )+ };
    }

    async fn select_every_column(conn: &Conn) -> Result<(), StorageError> {
        select_all!(
            conn,
            organizations,
            portal_users,
            portal_branding,
            devices,
            tickets,
            ticket_comments,
            ticket_participants,
            attachments,
            asset_checkouts,
            audit_logs,
            one_time_tokens,
            mail_outbox,
            idempotency_keys
        );
        Ok(())
    }

    #[tokio::test]
    async fn every_column_of_every_table_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db");
        let config = DatabaseConfig::new(Target::Sqlite(path.clone()));
        Database::open(config.clone())
            .unwrap()
            .migrate()
            .await
            .unwrap();
        let pool = open_sqlite(&path, 1, config.busy_timeout(), Handle::current()).unwrap();
        let conn = pool.get().await.unwrap();
        let conn = Conn::Sqlite(SqliteSession::new(conn, Handle::current()));
        select_every_column(&conn).await.unwrap();
    }
}
