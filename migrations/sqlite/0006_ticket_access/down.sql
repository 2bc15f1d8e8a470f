DROP TABLE ticket_participants;
DROP INDEX tickets_device;
ALTER TABLE tickets DROP COLUMN device_id;
ALTER TABLE portal_branding DROP COLUMN enable_colleagues;
ALTER TABLE portal_users DROP COLUMN role;
ALTER TABLE portal_users DROP COLUMN notify_own_tickets;
ALTER TABLE portal_users DROP COLUMN notify_shared_tickets;
ALTER TABLE portal_users DROP COLUMN notify_loans;
