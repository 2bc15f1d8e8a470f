-- When a verified domain's TXT record was last looked up, and since when it has been missing.
-- A check is about the domain that it names: after a change of the domain it says nothing.
CREATE TABLE domain_checks (
    org_id text NOT NULL PRIMARY KEY REFERENCES organizations (id),
    domain text NOT NULL,
    checked_at text NOT NULL,
    missing_since text
) STRICT;
