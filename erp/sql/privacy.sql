-- Personal data: finding it in bytes, taking it out of ledgers, forgetting what only the owner may delete.
-- docs/adr/0024-erasure-in-ledgers.md says why these functions are the owner's, and what they cannot do.

-- Whether bytes hold one of some words: as UTF-8, as an address in a form has it, or as JSON escapes it. What cannot be
-- looked into (a workbook, an archive, UTF-16) counts as holding them.
CREATE OR REPLACE FUNCTION erp_names_someone(content bytea, words text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT substring(content FROM 1 FOR 2) IN ('PK'::bytea, '\xfffe'::bytea, '\xfeff'::bytea)
        OR EXISTS (SELECT FROM unnest(words) w WHERE position(convert_to(w, 'UTF8') IN content) > 0)
$$;

-- Whether bytes hold one of some words as they are written: what cannot be looked into holds none.
CREATE OR REPLACE FUNCTION erp_says(content bytea, words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (SELECT FROM unnest(words) w WHERE position(convert_to(w, 'UTF8') IN content) > 0)
$$;

-- Bytes as a person is given them: as text where they are one, else as they are, in base 64.
CREATE OR REPLACE FUNCTION erp_as_text(content bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN convert_from(content, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN encode(content, 'base64');
END $$;

-- Whether a text in small letters tells one of some words: a short one only by itself ("apt" is not told by "captured").
CREATE OR REPLACE FUNCTION erp_tells(said text, words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (SELECT FROM unnest(words) w WHERE position(w IN said) > 0
        AND (length(w) >= 6 OR w ~ '[^\x01-\x7f]'
             OR said ~ ('(^|[^[:alnum:]])' || regexp_replace(w, '([^[:alnum:] ])', '\\\1', 'g') || '($|[^[:alnum:]])')))
$$;

-- A document without the texts that tell one of some words: those become "", and so does whatever is called an address.
CREATE OR REPLACE FUNCTION erp_without_words(document jsonb, words text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    always CONSTANT text[] := ARRAY['line1', 'line2', 'postal_code', 'postal_code_typed', 'phone', 'email'];
    said text;
BEGIN
    CASE jsonb_typeof(document)
    WHEN 'object' THEN
        RETURN (SELECT coalesce(jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) = 'string' AND key = ANY(always)
                    THEN '""' ELSE erp_without_words(value, words) END), '{}') FROM jsonb_each(document));
    WHEN 'array' THEN
        RETURN (SELECT coalesce(jsonb_agg(erp_without_words(value, words) ORDER BY n), '[]')
                FROM jsonb_array_elements(document) WITH ORDINALITY AS e(value, n));
    WHEN 'string' THEN
        said := lower(document #>> '{}');
        IF said ~ '^-?[0-9.]+$' THEN  -- an amount is nobody's, though it be somebody's postal code
            RETURN CASE WHEN length(said) >= 7 AND said = ANY(words) THEN '""' ELSE document END;
        END IF;
        RETURN CASE WHEN erp_tells(said, words) THEN '""' ELSE document END;
    ELSE
        RETURN document;
    END CASE;
END $$;

-- Take a person's words out of rows of a ledger. Only these columns, only to take out, only for an erasure that runs;
-- each row that changes leaves a row in erp_erasedrow.
CREATE OR REPLACE FUNCTION erp_scrub(of_erasure bigint, target text, ids bigint[], words text[], at timestamptz)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    lowered text[] := ARRAY(SELECT lower(w) FROM unnest(words) w WHERE w <> '');
    changed int;
    said text;
BEGIN
    IF NOT EXISTS (SELECT FROM erp_erasure WHERE id = of_erasure AND status = 'running') THEN
        RAISE EXCEPTION 'erasure % does not run', of_erasure USING ERRCODE = 'restrict_violation';
    END IF;
    said := CASE target
        WHEN 'orders_orderevent' THEN 'data = erp_without_words(data, $1)'
        WHEN 'orders_decision' THEN 'inputs = erp_without_words(inputs, $1), candidates = erp_without_words(candidates, $1),'
            ' outcome = erp_without_words(outcome, $1), reasons = erp_without_words(reasons, $1),'
            ' counterfactual = erp_without_words(counterfactual, $1)'
        WHEN 'orders_orderchange' THEN 'before = erp_without_words(before, $1), after = erp_without_words(after, $1), reason = '''''
        WHEN 'orders_personaldatalook' THEN 'why = '''''
        WHEN 'orders_paymentevent' THEN 'reference = CASE WHEN EXISTS (SELECT FROM unnest($1) w'
            ' WHERE position(w IN lower(reference)) > 0 AND length(w) >= 6) THEN '''' ELSE reference END'
        WHEN 'orders_providerevent' THEN 'body = '''''
        WHEN 'fulfillment_trackingevent' THEN 'description = '''', place = CASE WHEN EXISTS (SELECT FROM unnest($1) w'
            ' WHERE position(w IN lower(place)) > 0) THEN '''' ELSE place END'
    END;
    IF said IS NULL THEN
        RAISE EXCEPTION '% holds nothing to take out', target USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('throughline.erasing', 'on', true);
    EXECUTE format(
        'WITH old AS (SELECT id, to_jsonb(o) AS was FROM %1$I o WHERE id = ANY($2) FOR UPDATE),'
        ' new AS (UPDATE %1$I t SET %2$s FROM old WHERE t.id = old.id RETURNING t.id, to_jsonb(t) AS is_now),'
        ' noted AS (INSERT INTO erp_erasedrow (erasure_id, "table", "row", at)'
        '   SELECT $3, %1$L, n.id, $4 FROM new n JOIN old o ON o.id = n.id WHERE o.was IS DISTINCT FROM n.is_now RETURNING 1)'
        ' SELECT count(*) FROM noted', target, said) INTO changed USING lowered, ids, of_erasure, at;
    PERFORM set_config('throughline.erasing', '', true);
    RETURN changed;
END $$;

-- Forget events that every subscriber and endpoint has had, with their deliveries and what proves that these were done.
CREATE OR REPLACE FUNCTION erp_forget_events(before timestamptz, how_many int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    forgotten int;
BEGIN
    IF before > now() - interval '30 days' THEN
        RAISE EXCEPTION 'events are kept for 30 days' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('throughline.erasing', 'on', true);
    WITH old AS MATERIALIZED (
        SELECT e.id FROM erp_event e WHERE e.at < before
          AND NOT EXISTS (SELECT FROM erp_eventdelivery d WHERE d.event_id = e.id AND d.status <> 'done')
          AND NOT EXISTS (SELECT FROM erp_webhookdelivery w WHERE w.event_id = e.id AND w.status = 'pending')
        ORDER BY e.at, e.id LIMIT how_many FOR UPDATE SKIP LOCKED),
    delivered AS (
        DELETE FROM erp_eventdelivery d USING old WHERE d.event_id = old.id RETURNING d.event_id, d.subscriber),
    proven AS (
        DELETE FROM erp_once o USING delivered d
        WHERE o.scope = 'subscriber:' || d.subscriber AND o.key = d.event_id::text),
    posted AS (
        DELETE FROM erp_webhookdelivery w USING old WHERE w.event_id = old.id),
    gone AS (
        DELETE FROM erp_event e USING old WHERE e.id = old.id RETURNING 1)
    SELECT count(*) INTO forgotten FROM gone;
    PERFORM set_config('throughline.erasing', '', true);
    RETURN forgotten;
END $$;

-- Forget old security events: three months at least are kept.
CREATE OR REPLACE FUNCTION erp_forget_security_events(before timestamptz, how_many int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    forgotten int;
BEGIN
    IF before > now() - interval '90 days' THEN
        RAISE EXCEPTION 'security events are kept for 90 days' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('throughline.erasing', 'on', true);
    WITH old AS MATERIALIZED (
        SELECT id FROM erp_securityevent WHERE at < before ORDER BY id LIMIT how_many FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM erp_securityevent e USING old WHERE e.id = old.id RETURNING 1)
    SELECT count(*) INTO forgotten FROM gone;
    PERFORM set_config('throughline.erasing', '', true);
    RETURN forgotten;
END $$;
