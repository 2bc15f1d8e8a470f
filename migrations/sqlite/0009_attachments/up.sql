-- Files that were uploaded. Their bytes are elsewhere, under the organization's id and theirs. One
-- without a ticket waits to be attached; one that was removed waits for its bytes to go.
CREATE TABLE attachments (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    file_name text NOT NULL,
    content_type text NOT NULL,
    size_bytes integer NOT NULL CHECK (size_bytes >= 0),
    sha256 text NOT NULL,
    uploaded_by text,
    ticket_id text,
    comment_id text REFERENCES ticket_comments (id),
    "position" integer NOT NULL,
    created_at text NOT NULL,
    removed_at text,
    CHECK (comment_id IS NULL OR ticket_id IS NOT NULL),
    FOREIGN KEY (org_id, uploaded_by) REFERENCES portal_users (org_id, id),
    FOREIGN KEY (org_id, ticket_id) REFERENCES tickets (org_id, id)
) STRICT;
CREATE INDEX attachments_ticket
    ON attachments (org_id, ticket_id, comment_id, "position", id) WHERE ticket_id IS NOT NULL;
CREATE INDEX attachments_comment ON attachments (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX attachments_waiting ON attachments (created_at) WHERE ticket_id IS NULL;
CREATE INDEX attachments_removed ON attachments (org_id) WHERE removed_at IS NOT NULL;
-- what an organization's files have together
CREATE INDEX attachments_size ON attachments (org_id, size_bytes) WHERE removed_at IS NULL;
