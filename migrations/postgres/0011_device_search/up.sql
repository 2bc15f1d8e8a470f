-- What a search looks in: the folded names of a device. NULL means that the names themselves are
-- compared: the release before wrote them, or they changed in a way that folding does not show.
ALTER TABLE devices ADD COLUMN search_text text;

CREATE FUNCTION devices_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search_text := NULL;
    RETURN NEW;
END
$$;

DO $$
BEGIN
    IF current_user <> 'portal_owner' THEN
        ALTER FUNCTION devices_search_text() OWNER TO portal_owner;
    END IF;
END
$$;

CREATE TRIGGER devices_search_text
BEFORE UPDATE OF hostname, display_name ON devices
FOR EACH ROW
WHEN (
    NEW.search_text IS NOT DISTINCT FROM OLD.search_text
    AND (NEW.hostname, NEW.display_name) IS DISTINCT FROM (OLD.hostname, OLD.display_name)
)
EXECUTE FUNCTION devices_search_text();
