-- SQLite has neither roles nor row-level security: whoever opens the file may do everything. Here
-- the queries alone keep organizations apart, which all filter by the handle's; on PostgreSQL the
-- migration of this name makes the database keep them apart as well.
SELECT 1;
