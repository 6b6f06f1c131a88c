-- Doing a thing once: claiming its key and keeping its answer. Functions, so that their plans are kept.

-- The stored answer when the key was used before (a rival blocks until the first one commits), else no row.
CREATE OR REPLACE FUNCTION erp_once_claim(of_scope text, of_key text, of_hash text)
RETURNS TABLE (claimed boolean, request_hash text, status int, answer bytea) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO erp_once (scope, key, request_hash) VALUES (of_scope, of_key, of_hash)
    ON CONFLICT (scope, key) DO NOTHING;
    IF FOUND THEN
        RETURN QUERY SELECT true, NULL::text, NULL::int, NULL::bytea;
    ELSE
        RETURN QUERY SELECT false, o.request_hash::text, o.status::int, o.answer
        FROM erp_once o WHERE o.scope = of_scope AND o.key = of_key;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION erp_once_store(of_scope text, of_key text, of_status int, of_answer bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE erp_once SET status = of_status, answer = of_answer WHERE scope = of_scope AND key = of_key;
END $$;
