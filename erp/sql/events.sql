-- Writing many events and the deliveries their subscribers are owed, in one statement.

CREATE OR REPLACE FUNCTION erp_record_events(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH given AS MATERIALIZED (
        SELECT nextval('erp_event_id_seq') AS id, r.*
        FROM jsonb_to_recordset(rows) AS r(
            topic text, subject text, channel_id bigint, facts jsonb, subscribers text[])
    ), written AS (
        INSERT INTO erp_event (id, topic, subject, channel_id, facts)
        SELECT id, topic, subject, channel_id, facts FROM given)
    INSERT INTO erp_eventdelivery (event_id, subscriber)
    SELECT id, s FROM given, unnest(subscribers) s;
END $$;
