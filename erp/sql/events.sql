-- Writing many events and the deliveries their subscribers are owed, in one statement.
-- Of many at once, those after the first hundred are due one after the other, at the pace that workers have: whatever
-- comes from elsewhere meanwhile stands between them, not behind a bulk of thousands.

CREATE OR REPLACE FUNCTION erp_record_events(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH given AS MATERIALIZED (
        SELECT nextval('erp_event_id_seq') AS id, now() + greatest(r.place - 100, 0) * interval '4 ms' AS due_at, r.*
        FROM ROWS FROM (jsonb_to_recordset(rows) AS (
            topic text, subject text, channel_id bigint, facts jsonb, subscribers text[]
        )) WITH ORDINALITY AS r(topic, subject, channel_id, facts, subscribers, place)
    ), written AS (
        INSERT INTO erp_event (id, topic, subject, channel_id, facts)
        SELECT id, topic, subject, channel_id, facts FROM given)
    INSERT INTO erp_eventdelivery (event_id, subscriber, due_at)
    SELECT id, s, due_at FROM given, unnest(subscribers) s;
END $$;
