-- Who may see a ticket besides its submitter: managers of the organization, and colleagues who take
-- part. Columns have defaults, so that the release before can go on writing rows.
ALTER TABLE portal_users
    ADD COLUMN role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'manager'));
ALTER TABLE portal_users
    ADD COLUMN notify_own_tickets integer NOT NULL DEFAULT 1 CHECK (notify_own_tickets IN (0, 1));
ALTER TABLE portal_users
    ADD COLUMN notify_shared_tickets integer NOT NULL DEFAULT 1
        CHECK (notify_shared_tickets IN (0, 1));
ALTER TABLE portal_users
    ADD COLUMN notify_loans integer NOT NULL DEFAULT 1 CHECK (notify_loans IN (0, 1));

ALTER TABLE portal_branding
    ADD COLUMN enable_colleagues integer NOT NULL DEFAULT 0 CHECK (enable_colleagues IN (0, 1));

-- A column that is added can refer to one column only: that the device is of the same organization
-- is checked by the program.
ALTER TABLE tickets ADD COLUMN device_id text REFERENCES devices (id);
CREATE INDEX tickets_device
    ON tickets (org_id, device_id, created_at DESC, id DESC) WHERE device_id IS NOT NULL;

CREATE TABLE ticket_participants (
    org_id text NOT NULL REFERENCES organizations (id),
    ticket_id text NOT NULL,
    user_id text NOT NULL,
    added_at text NOT NULL,
    removed_at text,
    PRIMARY KEY (ticket_id, user_id),
    FOREIGN KEY (org_id, ticket_id) REFERENCES tickets (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES portal_users (org_id, id)
) STRICT;
-- a user's list of tickets in which they take part
CREATE INDEX ticket_participants_user
    ON ticket_participants (org_id, user_id, ticket_id) WHERE removed_at IS NULL;
