-- A trigger is made once and left alone while it is what it should be: to make one locks its table against
-- everybody, and this runs at every start, beside people who work.

CREATE OR REPLACE FUNCTION erp_put_trigger(target regclass, called name, moment text, does text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    wanted CONSTANT text := moment || ' ' || does;
BEGIN
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = called AND tgenabled = 'O'
               AND obj_description(oid, 'pg_trigger') = wanted) THEN
        RETURN;
    END IF;
    EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', called, target);
    EXECUTE format('CREATE TRIGGER %I %s ON %s %s', called, moment, target, does);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', called, target, wanted);
END $$;
