-- Who of the team or of the operators acted. Absent for customers, who have an id and an address,
-- and for the portal itself.
ALTER TABLE audit_logs ADD COLUMN actor_name text;
