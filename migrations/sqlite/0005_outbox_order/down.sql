DROP INDEX mail_outbox_due;
ALTER TABLE mail_outbox DROP COLUMN retried_at;
ALTER TABLE mail_outbox DROP COLUMN priority;
