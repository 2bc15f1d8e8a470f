-- The roles stay, which may serve another database of this server, and the tables stay theirs.
REVOKE ALL ON __diesel_schema_migrations FROM portal_app, portal_system;

DO $$
DECLARE
    fenced text;
    fence name;
BEGIN
    FOREACH fenced IN ARRAY ARRAY[
        'organizations', 'portal_users', 'portal_branding', 'devices', 'tickets',
        'ticket_comments', 'asset_checkouts', 'audit_logs', 'one_time_tokens', 'mail_outbox'
    ] LOOP
        FOR fence IN
            SELECT polname FROM pg_policy WHERE polrelid = to_regclass(fenced)
        LOOP
            EXECUTE format('DROP POLICY %I ON %I', fence, fenced);
        END LOOP;
        EXECUTE format(
            'ALTER TABLE %I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', fenced
        );
        EXECUTE format('REVOKE ALL ON %I FROM portal_app, portal_system', fenced);
    END LOOP;
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM portal_app, portal_system', current_schema());
END
$$;

-- Column by column, since REVOKE ALL on a table keeps what was granted on columns.
REVOKE UPDATE (next_attempt_at, attempts, last_error, sent_at, dead_at)
    ON mail_outbox FROM portal_system;
REVOKE SELECT (
    org_id, expected_return_at, checked_in_at, due_reminded_for, overdue_reminded_for
) ON asset_checkouts FROM portal_system;
