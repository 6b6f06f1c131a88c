-- Who calls: asked by every API call, so its plan is kept instead of made anew each time.

CREATE OR REPLACE FUNCTION erp_actor_of_key(secret text, at timestamptz)
RETURNS TABLE (id bigint, kind text, name text, role text, channel_id bigint, channel_code text, channel_name text,
    channel_kind text, currency text, language text, time_zone text, channel_is_active boolean, scopes text[], rate int)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY SELECT a.id, a.kind::text, a.name::text, a.role::text, c.id, c.code::text, c.name::text, c.kind::text,
        c.currency::text, c.language::text, c.time_zone::text, c.is_active, k.scopes::text[], k.rate_per_minute
    FROM erp_apikey k JOIN erp_actor a ON a.id = k.actor_id JOIN erp_channel c ON c.id = a.channel_id
    WHERE k.secret_hash = secret AND k.revoked_at IS NULL AND a.is_active
      AND (k.expires_at IS NULL OR k.expires_at > at);
END $$;
