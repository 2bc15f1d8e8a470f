-- Files that were uploaded. Their bytes are elsewhere, under the organization's id and theirs. One
-- without a ticket waits to be attached; one that was removed waits for its bytes to go.
CREATE TABLE attachments (
    id uuid NOT NULL PRIMARY KEY,
    org_id uuid NOT NULL REFERENCES organizations (id),
    file_name text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    sha256 text NOT NULL,
    uploaded_by uuid,
    ticket_id uuid,
    comment_id uuid REFERENCES ticket_comments (id),
    "position" integer NOT NULL,
    created_at timestamptz NOT NULL,
    removed_at timestamptz,
    CHECK (comment_id IS NULL OR ticket_id IS NOT NULL),
    FOREIGN KEY (org_id, uploaded_by) REFERENCES portal_users (org_id, id),
    FOREIGN KEY (org_id, ticket_id) REFERENCES tickets (org_id, id)
);
CREATE INDEX attachments_ticket
    ON attachments (org_id, ticket_id, comment_id, "position", id) WHERE ticket_id IS NOT NULL;
CREATE INDEX attachments_comment ON attachments (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX attachments_waiting ON attachments (created_at) WHERE ticket_id IS NULL;
CREATE INDEX attachments_removed ON attachments (org_id) WHERE removed_at IS NOT NULL;
-- what an organization's files have together
CREATE INDEX attachments_size ON attachments (org_id, size_bytes) WHERE removed_at IS NULL;

-- Owner, fence and rights, as in the migration row_level_security. Rows are deleted, since they hold
-- the names of files.
DO $$
BEGIN
    IF current_user <> 'portal_owner' THEN
        ALTER TABLE attachments OWNER TO portal_owner;
    END IF;
END
$$;
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attachments TO portal_app, portal_owner
    USING (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid));
CREATE POLICY operator ON attachments TO portal_owner
    USING ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL)
    WITH CHECK ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL);
CREATE POLICY system ON attachments FOR SELECT TO portal_system USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON attachments TO portal_app;
GRANT SELECT (org_id, ticket_id, created_at, removed_at) ON attachments TO portal_system;
