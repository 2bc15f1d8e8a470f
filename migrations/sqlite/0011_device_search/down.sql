DROP TRIGGER devices_search_text;
ALTER TABLE devices DROP COLUMN search_text;
