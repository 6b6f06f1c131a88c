-- The day that it is in a zone. A stored name that is no zone's is read as the company's zone, else as UTC
-- (erp/zones.py): the minute's task and every shipment of a warehouse failed over it. `manage.py audit` names it.

CREATE OR REPLACE FUNCTION erp_day_in(zone text, at timestamptz) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF zone IS NULL THEN
        zone := '';  -- no zone's name
    END IF;
    RETURN (at AT TIME ZONE zone)::date;
EXCEPTION WHEN invalid_parameter_value THEN
    BEGIN
        -- Without a company it is no zone at all, and nothing is ever due on no day.
        RETURN (at AT TIME ZONE coalesce((SELECT c.time_zone FROM erp_company c WHERE c.id = 1), 'UTC'))::date;
    EXCEPTION WHEN invalid_parameter_value THEN
        RETURN (at AT TIME ZONE 'UTC')::date;
    END;
END $$;
