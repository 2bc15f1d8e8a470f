-- Indexes for each order of a customer's own tickets and of an organization's. They alone give the
-- ids of a page, however many tickets are before it, and the total of every filter.
CREATE INDEX tickets_own_by_creation
    ON tickets (org_id, submitted_by, created_at DESC, id DESC, status, priority)
    WHERE deleted_at IS NULL;
CREATE INDEX tickets_own_by_update
    ON tickets (org_id, submitted_by, updated_at DESC, id DESC, status, priority)
    WHERE deleted_at IS NULL;
CREATE INDEX tickets_own_by_priority
    ON tickets (
        org_id, submitted_by,
        (CASE priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 WHEN 'high' THEN 2 ELSE 3 END) DESC,
        id DESC, status, priority
    )
    WHERE deleted_at IS NULL;
CREATE INDEX tickets_by_creation
    ON tickets (org_id, created_at DESC, id DESC, status, priority)
    WHERE deleted_at IS NULL;
CREATE INDEX tickets_by_update
    ON tickets (org_id, updated_at DESC, id DESC, status, priority)
    WHERE deleted_at IS NULL;
CREATE INDEX tickets_by_priority
    ON tickets (
        org_id,
        (CASE priority WHEN 'low' THEN 0 WHEN 'normal' THEN 1 WHEN 'high' THEN 2 ELSE 3 END) DESC,
        id DESC, status, priority
    )
    WHERE deleted_at IS NULL;

-- What the first two of each kind replace.
DROP INDEX tickets_submitter_created;
DROP INDEX tickets_created;

-- A conversation as customers see it, and the last reply in it of the team.
CREATE INDEX ticket_comments_public
    ON ticket_comments (org_id, ticket_id, created_at DESC, id DESC)
    WHERE is_public AND deleted_at IS NULL;
CREATE INDEX ticket_comments_team
    ON ticket_comments (org_id, ticket_id, created_at DESC, id DESC)
    WHERE is_public AND deleted_at IS NULL AND author_type = 'internal';

-- Devices that customers see, and those that can be lent.
CREATE INDEX devices_listed
    ON devices (org_id, (last_seen_at IS NULL), last_seen_at DESC, id DESC)
    WHERE NOT is_ephemeral;
CREATE INDEX devices_loanable
    ON devices (org_id, (last_seen_at IS NULL), last_seen_at DESC, id DESC, status)
    WHERE is_loanable AND NOT is_ephemeral;
