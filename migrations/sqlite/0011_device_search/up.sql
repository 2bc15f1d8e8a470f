-- What a search looks in: the folded names of a device. NULL means that the names themselves are
-- compared: the release before wrote them, or they changed in a way that folding does not show.
ALTER TABLE devices ADD COLUMN search_text text;

CREATE TRIGGER devices_search_text
AFTER UPDATE OF hostname, display_name ON devices
WHEN NEW.search_text IS OLD.search_text
    AND (NEW.hostname IS NOT OLD.hostname OR NEW.display_name IS NOT OLD.display_name)
BEGIN
    UPDATE devices SET search_text = NULL WHERE id = NEW.id;
END;
