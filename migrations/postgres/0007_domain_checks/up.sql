-- When a verified domain's TXT record was last looked up, and since when it has been missing.
-- A check is about the domain that it names: after a change of the domain it says nothing.
CREATE TABLE domain_checks (
    org_id uuid NOT NULL PRIMARY KEY REFERENCES organizations (id),
    domain text NOT NULL,
    checked_at timestamptz NOT NULL,
    missing_since timestamptz
);

DO $$
BEGIN
    IF current_user <> 'portal_owner' THEN
        ALTER TABLE domain_checks OWNER TO portal_owner;
    END IF;
END
$$;

ALTER TABLE domain_checks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON domain_checks TO portal_app, portal_owner
    USING (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid))
    WITH CHECK (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid));
CREATE POLICY operator ON domain_checks TO portal_owner
    USING ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL)
    WITH CHECK ((SELECT nullif(current_setting('app.org_id', true), '')::uuid) IS NULL);
CREATE POLICY system ON domain_checks FOR SELECT TO portal_system USING (true);
GRANT SELECT, INSERT, UPDATE ON domain_checks TO portal_app;
GRANT SELECT ON domain_checks TO portal_system;
