-- Who may see and do what. The server works under three roles:
--
--   portal_owner   owns the tables: migrations, and the operator's commands
--   portal_app     works on one organization at a time, and on none before it is named
--   portal_system  finds the organization (sign-in, tokens, domains) and works across all of them
--                  (sending mails, reminders), on what that needs and nothing else
--
-- The organization is named for one transaction: SET LOCAL app.org_id = '…'.

-- Roles are the whole server's: they may be there already, or be made for another database now.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['portal_owner', 'portal_app', 'portal_system'] LOOP
        CONTINUE WHEN to_regrole(wanted) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role % is missing, and this login may not create it', wanted;
        END;
    END LOOP;
END
$$;

-- Everything belongs to portal_owner, whoever created it. A later migration does the same for its
-- tables, since it may be run by another login again.
DO $$
DECLARE
    owned regclass;
BEGIN
    IF current_user = 'portal_owner' THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO portal_owner', current_schema());
    FOR owned IN
        SELECT oid FROM pg_class
        WHERE relnamespace = to_regnamespace(current_schema()) AND relkind = 'r'
            AND relowner = to_regrole(current_user)::oid
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO portal_owner', owned);
    END LOOP;
END
$$;

DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO portal_app, portal_system', current_schema());
END
$$;

-- The fence of every table: one organization's rows for who named it. The owner, as long as it
-- named none, works across organizations, as a migration of data has to.
--
-- The sub-selects are evaluated once for each query, so that the indexes are used.
DO $$
DECLARE
    fenced text;
    org text;
    tenant CONSTANT text := '(SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)';
BEGIN
    FOREACH fenced IN ARRAY ARRAY[
        'organizations', 'portal_users', 'portal_branding', 'devices', 'tickets',
        'ticket_comments', 'asset_checkouts', 'audit_logs', 'one_time_tokens', 'mail_outbox'
    ] LOOP
        org := CASE fenced WHEN 'organizations' THEN 'id' ELSE 'org_id' END;
        EXECUTE format(
            'ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', fenced
        );
        EXECUTE format(
            'CREATE POLICY tenant ON %I TO portal_app, portal_owner
                USING (%I = %s) WITH CHECK (%I = %s)',
            fenced, org, tenant, org, tenant
        );
        EXECUTE format(
            'CREATE POLICY operator ON %I TO portal_owner
                USING (%s IS NULL) WITH CHECK (%s IS NULL)',
            fenced, tenant, tenant
        );
    END LOOP;
END
$$;

-- Nothing is ever deleted. What happened stays as it was written, and a mail is the sender's once
-- it is in the outbox.
GRANT SELECT ON organizations TO portal_app;
GRANT SELECT, INSERT, UPDATE
    ON portal_users, portal_branding, devices, tickets, ticket_comments, asset_checkouts,
        one_time_tokens
    TO portal_app;
GRANT SELECT, INSERT ON audit_logs TO portal_app;
GRANT INSERT ON mail_outbox TO portal_app;

-- Whose address, token or domain is it?
CREATE POLICY system ON organizations FOR SELECT TO portal_system USING (true);
CREATE POLICY system ON portal_users FOR SELECT TO portal_system USING (true);
CREATE POLICY system ON portal_branding FOR SELECT TO portal_system USING (true);
CREATE POLICY system ON one_time_tokens FOR SELECT TO portal_system USING (true);
GRANT SELECT ON organizations, portal_users, portal_branding, one_time_tokens TO portal_system;

-- Which mails are due, and what became of them?
CREATE POLICY system_reads ON mail_outbox FOR SELECT TO portal_system USING (true);
CREATE POLICY system_writes ON mail_outbox FOR UPDATE TO portal_system
    USING (true) WITH CHECK (true);
GRANT SELECT ON mail_outbox TO portal_system;
GRANT UPDATE (next_attempt_at, attempts, last_error, sent_at, dead_at)
    ON mail_outbox TO portal_system;

-- In which organizations does somebody have to be reminded?
CREATE POLICY system ON asset_checkouts FOR SELECT TO portal_system USING (true);
GRANT SELECT (
    org_id, expected_return_at, checked_in_at, due_reminded_for, overdue_reminded_for
) ON asset_checkouts TO portal_system;

-- A server that may not migrate has to see whether it would have to.
GRANT SELECT ON __diesel_schema_migrations TO portal_app, portal_system;
