-- Keep in pair with migrations/postgres: the same tables, columns, keys and indexes.
-- Ids are hyphenated UUIDs in lower case, instants UTC texts of one width that compare as time
-- does, booleans 0 or 1.
--
-- A row refers to another of its own organization only: foreign keys hold `org_id` too.

CREATE TABLE organizations (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    timezone text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'disabled')),
    created_at text NOT NULL,
    updated_at text NOT NULL
) STRICT;

CREATE TABLE portal_users (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    email text NOT NULL,
    name text,
    password_hash text,
    receive_notifications integer NOT NULL CHECK (receive_notifications IN (0, 1)),
    status text NOT NULL CHECK (status IN ('active', 'invited', 'disabled')),
    locale text CHECK (locale IN ('en', 'de')),
    last_login_at text,
    invited_at text,
    session_version integer NOT NULL,
    created_at text NOT NULL,
    updated_at text NOT NULL,
    UNIQUE (org_id, id),
    UNIQUE (org_id, email)
) STRICT;
-- sign-in looks an address up in every organization
CREATE INDEX portal_users_email ON portal_users (email, id);

CREATE TABLE portal_branding (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    logo_url text,
    favicon_url text,
    primary_color text,
    secondary_color text,
    accent_color text,
    custom_domain text,
    domain_verified integer NOT NULL CHECK (domain_verified IN (0, 1)),
    domain_token text,
    welcome_message text,
    support_email text,
    support_phone text,
    footer_text text,
    custom_css text,
    enable_tickets integer NOT NULL CHECK (enable_tickets IN (0, 1)),
    enable_asset_checkout integer NOT NULL CHECK (enable_asset_checkout IN (0, 1)),
    enable_self_service integer NOT NULL CHECK (enable_self_service IN (0, 1)),
    enable_password_reset integer NOT NULL CHECK (enable_password_reset IN (0, 1)),
    created_at text NOT NULL,
    updated_at text NOT NULL,
    UNIQUE (org_id),
    CHECK (custom_domain IS NOT NULL OR NOT domain_verified)
) STRICT;
-- a domain may be tried by several organizations, but only one can show that it is its own
CREATE UNIQUE INDEX portal_branding_verified_domain
    ON portal_branding (custom_domain) WHERE domain_verified;

CREATE TABLE devices (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    hostname text NOT NULL,
    hostname_key text NOT NULL,
    display_name text,
    os_type text NOT NULL CHECK (os_type IN ('windows', 'macos', 'linux')),
    os_version text NOT NULL,
    status text NOT NULL
        CHECK (
            status IN (
                'online', 'offline', 'maintenance', 'decommissioned', 'quarantined', 'updating',
                'pending'
            )
        ),
    last_seen_at text,
    is_ephemeral integer NOT NULL CHECK (is_ephemeral IN (0, 1)),
    is_loanable integer NOT NULL DEFAULT 1 CHECK (is_loanable IN (0, 1)),
    created_at text NOT NULL,
    updated_at text NOT NULL,
    UNIQUE (org_id, id),
    UNIQUE (org_id, hostname_key)
) STRICT;
-- the order of lists: last seen first, never seen last
CREATE INDEX devices_last_seen
    ON devices (org_id, (last_seen_at IS NULL), last_seen_at DESC, id DESC);

CREATE TABLE tickets (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    ticket_number text NOT NULL UNIQUE,
    subject text NOT NULL,
    description text NOT NULL,
    search_text text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('new', 'open', 'pending', 'on_hold', 'resolved', 'closed')),
    priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    submitted_by text NOT NULL,
    submitter_email text NOT NULL,
    submitter_name text,
    assigned_to_name text,
    source text NOT NULL CHECK (source IN ('portal')),
    external_ticket_id text,
    external_ticket_url text,
    created_at text NOT NULL,
    updated_at text NOT NULL,
    first_response_at text,
    resolved_at text,
    closed_at text,
    deleted_at text,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, submitted_by) REFERENCES portal_users (org_id, id)
) STRICT;
CREATE INDEX tickets_submitter_created ON tickets (org_id, submitted_by, created_at DESC, id DESC);
CREATE INDEX tickets_created ON tickets (org_id, created_at DESC, id DESC);

CREATE TABLE ticket_comments (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    ticket_id text NOT NULL,
    portal_user_id text,
    author_name text NOT NULL,
    author_type text NOT NULL CHECK (author_type IN ('portal', 'internal')),
    content text NOT NULL,
    is_public integer NOT NULL CHECK (is_public IN (0, 1)),
    comment_type text NOT NULL CHECK (comment_type IN ('comment', 'internal')),
    created_at text NOT NULL,
    edited_at text,
    deleted_at text,
    FOREIGN KEY (org_id, ticket_id) REFERENCES tickets (org_id, id),
    FOREIGN KEY (org_id, portal_user_id) REFERENCES portal_users (org_id, id)
) STRICT;
CREATE INDEX ticket_comments_ticket_created
    ON ticket_comments (org_id, ticket_id, created_at DESC, id DESC);
CREATE INDEX ticket_comments_portal_user ON ticket_comments (org_id, portal_user_id);

CREATE TABLE asset_checkouts (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    device_id text NOT NULL,
    checked_out_to text NOT NULL,
    checked_out_to_name text NOT NULL,
    checked_out_at text NOT NULL,
    expected_return_at text,
    checked_in_at text,
    checkout_notes text,
    checkin_notes text,
    condition text,
    checkin_condition text,
    FOREIGN KEY (org_id, device_id) REFERENCES devices (org_id, id),
    FOREIGN KEY (org_id, checked_out_to) REFERENCES portal_users (org_id, id)
) STRICT;
-- whoever asks first has the device, however many ask at once
CREATE UNIQUE INDEX asset_checkouts_active
    ON asset_checkouts (device_id) WHERE checked_in_at IS NULL;
CREATE INDEX asset_checkouts_device ON asset_checkouts (org_id, device_id);
CREATE INDEX asset_checkouts_borrower
    ON asset_checkouts (
        org_id, checked_out_to, (checked_in_at IS NOT NULL), checked_out_at DESC, id DESC
    );
CREATE INDEX asset_checkouts_out
    ON asset_checkouts (org_id, checked_out_at, id) WHERE checked_in_at IS NULL;

CREATE TABLE audit_logs (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    timestamp text NOT NULL,
    actor_type text NOT NULL CHECK (actor_type IN ('user', 'system')),
    actor_id text,
    actor_email text,
    action text NOT NULL,
    resource_type text NOT NULL,
    resource_id text NOT NULL,
    resource_name text,
    details text NOT NULL CHECK (json_valid(details)),
    ip_address text,
    user_agent text,
    result text NOT NULL CHECK (result IN ('success', 'failure'))
) STRICT;
CREATE INDEX audit_logs_timestamp ON audit_logs (org_id, timestamp DESC, id DESC);
CREATE INDEX audit_logs_action_timestamp ON audit_logs (org_id, action, timestamp DESC, id DESC);

CREATE TABLE one_time_tokens (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    user_id text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('password_reset', 'invitation')),
    token_hash text NOT NULL UNIQUE,
    created_at text NOT NULL,
    expires_at text NOT NULL,
    used_at text,
    FOREIGN KEY (org_id, user_id) REFERENCES portal_users (org_id, id)
) STRICT;
CREATE INDEX one_time_tokens_user ON one_time_tokens (org_id, user_id);

CREATE TABLE mail_outbox (
    id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL REFERENCES organizations (id),
    kind text NOT NULL,
    payload text NOT NULL CHECK (json_valid(payload)),
    created_at text NOT NULL,
    next_attempt_at text NOT NULL,
    attempts integer NOT NULL,
    last_error text,
    sent_at text,
    dead_at text
) STRICT;
-- the sender looks at what waits only, however much was sent before
CREATE INDEX mail_outbox_waiting
    ON mail_outbox (created_at, id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX mail_outbox_dead ON mail_outbox (created_at, id) WHERE dead_at IS NOT NULL;
