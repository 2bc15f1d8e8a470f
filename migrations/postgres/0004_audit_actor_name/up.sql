-- Who of the team or of the operators acted. Absent for customers, who have an id and an address,
-- and for the portal itself. What portal_app may do with the table covers its new columns.
ALTER TABLE audit_logs ADD COLUMN actor_name text;
