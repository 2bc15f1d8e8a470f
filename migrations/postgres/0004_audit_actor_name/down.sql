ALTER TABLE audit_logs DROP COLUMN actor_name;
