-- Who may see a ticket besides its submitter: managers of the organization, and colleagues who take
-- part. Columns have defaults, so that the release before can go on writing rows.
ALTER TABLE portal_users
    ADD COLUMN role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'manager')),
    ADD COLUMN notify_own_tickets boolean NOT NULL DEFAULT true,
    ADD COLUMN notify_shared_tickets boolean NOT NULL DEFAULT true,
    ADD COLUMN notify_loans boolean NOT NULL DEFAULT true;

ALTER TABLE portal_branding ADD COLUMN enable_colleagues boolean NOT NULL DEFAULT false;

ALTER TABLE tickets
    ADD COLUMN device_id uuid,
    ADD FOREIGN KEY (org_id, device_id) REFERENCES devices (org_id, id);
CREATE INDEX tickets_device
    ON tickets (org_id, device_id, created_at DESC, id DESC) WHERE device_id IS NOT NULL;

CREATE TABLE ticket_participants (
    org_id uuid NOT NULL REFERENCES organizations (id),
    ticket_id uuid NOT NULL,
    user_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    removed_at timestamptz,
    PRIMARY KEY (ticket_id, user_id),
    FOREIGN KEY (org_id, ticket_id) REFERENCES tickets (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES portal_users (org_id, id)
);
-- a user's list of tickets in which they take part
CREATE INDEX ticket_participants_user
    ON ticket_participants (org_id, user_id, ticket_id) WHERE removed_at IS NULL;

-- Owner, fence and rights, as in the migration row_level_security.
DO $$
BEGIN
    IF current_user <> 'portal_owner' THEN
        ALTER TABLE ticket_participants OWNER TO portal_owner;
    END IF;
END
$$;
ALTER TABLE ticket_participants ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ticket_participants TO portal_app, portal_owner
    USING (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid));
CREATE POLICY operator ON ticket_participants TO portal_owner
    USING ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL)
    WITH CHECK ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL);
GRANT SELECT, INSERT, UPDATE ON ticket_participants TO portal_app;
