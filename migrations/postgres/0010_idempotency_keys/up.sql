-- Requests of users that may be repeated, by the users' names for them. A row is written in the
-- transaction that carries the request out, first without the answer.
CREATE TABLE idempotency_keys (
    org_id uuid NOT NULL REFERENCES organizations (id),
    user_id uuid NOT NULL,
    "key" text NOT NULL,
    fingerprint text NOT NULL,
    status integer,
    answer text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, "key"),
    CHECK ((status IS NULL) = (answer IS NULL)),
    FOREIGN KEY (org_id, user_id) REFERENCES portal_users (org_id, id)
);
-- those that have expired
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- Owner, fence and rights, as in the migration row_level_security. Rows are deleted, since they hold
-- what users wrote.
DO $$
BEGIN
    IF current_user <> 'portal_owner' THEN
        ALTER TABLE idempotency_keys OWNER TO portal_owner;
    END IF;
END
$$;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys TO portal_app, portal_owner
    USING (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid));
CREATE POLICY operator ON idempotency_keys TO portal_owner
    USING ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL)
    WITH CHECK ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL);
CREATE POLICY system ON idempotency_keys FOR SELECT TO portal_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO portal_app;
GRANT SELECT (org_id, created_at) ON idempotency_keys TO portal_system;
