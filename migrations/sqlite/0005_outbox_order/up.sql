-- In which order mails are sent: the lowest priority first. What the release before adds goes with
-- the notifications.
ALTER TABLE mail_outbox ADD COLUMN priority integer NOT NULL DEFAULT 2;
UPDATE mail_outbox SET priority = CASE kind WHEN 'invitation' THEN 1 ELSE 0 END
WHERE sent_at IS NULL AND kind IN ('password_reset', 'password_changed', 'invitation');
-- When an operator last had a mail tried anew.
ALTER TABLE mail_outbox ADD COLUMN retried_at text;
-- What is due, organization by organization. Those that are tried later are at the end of each. The
-- condition differs in form from that of mail_outbox_waiting, so that claims use this index alone.
CREATE INDEX mail_outbox_due ON mail_outbox (priority, org_id, next_attempt_at, id)
    WHERE coalesce(sent_at, dead_at) IS NULL;
