-- What a search looks in: the folded names of a device. It is NULL where the release before wrote
-- the names, also if that changes them later.
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
