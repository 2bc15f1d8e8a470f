-- Requests of users that may be repeated, by the users' names for them. A row is written in the
-- transaction that carries the request out, first without the answer.
CREATE TABLE idempotency_keys (
    org_id text NOT NULL REFERENCES organizations (id),
    user_id text NOT NULL,
    "key" text NOT NULL,
    fingerprint text NOT NULL,
    status integer,
    answer text,
    created_at text NOT NULL,
    PRIMARY KEY (user_id, "key"),
    CHECK ((status IS NULL) = (answer IS NULL)),
    FOREIGN KEY (org_id, user_id) REFERENCES portal_users (org_id, id)
) STRICT;
-- those that have expired
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
