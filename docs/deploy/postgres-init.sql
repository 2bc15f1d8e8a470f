-- The three logins of the portal, made once by a superuser in an empty database.
--
--   portal_owner   owns the tables: migrations and portal-admin
--   portal_app     serves requests; row-level security holds for it
--   portal_system  sign-in, domains, the outbox: a few tables across organizations
--
-- None of them is a superuser, may bypass row-level security, or is a member of another.

CREATE ROLE portal_owner LOGIN PASSWORD 'change-me-owner';
CREATE ROLE portal_app LOGIN PASSWORD 'change-me-app';
CREATE ROLE portal_system LOGIN PASSWORD 'change-me-system';

ALTER DATABASE portal OWNER TO portal_owner;
ALTER SCHEMA public OWNER TO portal_owner;
