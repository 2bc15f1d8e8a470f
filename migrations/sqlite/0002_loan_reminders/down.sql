DROP INDEX asset_checkouts_expected;
ALTER TABLE asset_checkouts DROP COLUMN overdue_reminded_for;
ALTER TABLE asset_checkouts DROP COLUMN due_reminded_for;
