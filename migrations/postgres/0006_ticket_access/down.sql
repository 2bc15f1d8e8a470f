DROP TABLE ticket_participants;
ALTER TABLE tickets DROP COLUMN device_id;
ALTER TABLE portal_branding DROP COLUMN enable_colleagues;
ALTER TABLE portal_users
    DROP COLUMN role,
    DROP COLUMN notify_own_tickets,
    DROP COLUMN notify_shared_tickets,
    DROP COLUMN notify_loans;
