-- The return dates that the borrower was reminded of. A date that is moved differs from them, and
-- so calls for reminders anew.
ALTER TABLE asset_checkouts ADD COLUMN due_reminded_for timestamptz;
ALTER TABLE asset_checkouts ADD COLUMN overdue_reminded_for timestamptz;
-- what is due or overdue, in any organization
CREATE INDEX asset_checkouts_expected
    ON asset_checkouts (expected_return_at) WHERE checked_in_at IS NULL;
