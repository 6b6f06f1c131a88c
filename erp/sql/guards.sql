-- The triggers that keep ledgers append-only and write the history of master data.
-- Levels are in inventory/stock/sql/levels.sql. There are no other triggers.

CREATE OR REPLACE FUNCTION erp_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Emptying a test database is the owner's, and must be asked for in so many words.
    IF TG_OP = 'TRUNCATE' AND current_setting('throughline.emptying', true) = 'on' THEN
        RETURN NULL;
    END IF;
    -- Erasing a person and forgetting old events is done by functions of the owner's (erp/sql/privacy.sql) alone:
    -- inside them the owner acts; who sets this without being the owner is refused as ever.
    IF TG_OP <> 'TRUNCATE' AND current_setting('throughline.erasing', true) = 'on'
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is kept: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE FUNCTION erp_make_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM erp_put_trigger(target, 'append_only', 'BEFORE UPDATE OR DELETE OR TRUNCATE',
        'FOR EACH STATEMENT EXECUTE FUNCTION erp_refuse_change()');
END $$;

CREATE OR REPLACE FUNCTION erp_write_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    actor bigint := nullif(current_setting('throughline.actor', true), '')::bigint;
    counted CONSTANT text[] := ARRAY['used'];  -- what orders count up is no change of a setting
    secrets text[] := ARRAY['webhook_secret', 'previous_secret', 'secret_hash', 'secret', 'password', 'tax_id'];  -- are nobody's to read
BEGIN
    IF TG_TABLE_NAME = 'orders_blockedcontact' THEN
        secrets := secrets || ARRAY['value', 'reason'];  -- a person's, and a history cannot forget them
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO erp_historyentry ("table", "row", change, after, by)
        SELECT TG_TABLE_NAME, to_jsonb(n) ->> 'id', 'insert', to_jsonb(n) - secrets, actor FROM new_rows n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO erp_historyentry ("table", "row", change, before, by)
        SELECT TG_TABLE_NAME, to_jsonb(o) ->> 'id', 'delete', to_jsonb(o) - secrets, actor FROM old_rows o;
    ELSE
        INSERT INTO erp_historyentry ("table", "row", change, before, after, by)
        SELECT TG_TABLE_NAME, to_jsonb(n) ->> 'id', 'update', to_jsonb(o) - secrets, to_jsonb(n) - secrets, actor
        FROM new_rows n JOIN old_rows o ON to_jsonb(o) ->> 'id' = to_jsonb(n) ->> 'id'
        WHERE to_jsonb(o) - counted IS DISTINCT FROM to_jsonb(n) - counted;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION erp_keep_history(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM erp_put_trigger(target, 'history_insert', 'AFTER INSERT',
        'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION erp_write_history()');
    PERFORM erp_put_trigger(target, 'history_update', 'AFTER UPDATE',
        'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION erp_write_history()');
    PERFORM erp_put_trigger(target, 'history_delete', 'AFTER DELETE',
        'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION erp_write_history()');
END $$;

SELECT erp_make_append_only(t::regclass) FROM unnest(ARRAY[
    'erp_event', 'erp_historyentry', 'erp_securityevent', 'erp_erasedrow', 'inventory_stockmovement', 'inventory_costentry', 'inventory_serialstep',
    'orders_orderevent', 'orders_orderchange', 'orders_decision', 'orders_personaldatalook', 'orders_rulerevision', 'orders_rulebook', 'orders_paymentevent', 'orders_providerevent', 'orders_invoice', 'orders_invoiceline', 'fulfillment_trackingevent'
]) t;

SELECT erp_keep_history(t::regclass) FROM unnest(ARRAY[
    'erp_channel', 'erp_company', 'erp_actor', 'erp_apikey', 'inventory_sku', 'inventory_warehouse', 'inventory_barcode', 'inventory_bundlepart',
    'inventory_stockpolicy', 'inventory_supplier', 'inventory_supplierterm', 'inventory_allotment', 'orders_channelpolicy',
    'orders_pricelist', 'orders_taxrate', 'orders_shippingservice', 'orders_blockedcontact', 'orders_skumapping',
    'orders_ordertype', 'orders_exchangerate', 'orders_riskprovider', 'orders_promotion', 'orders_promotiontier',
    'orders_promotiongift', 'orders_coupon', 'orders_reviewrule', 'orders_customergroup', 'orders_grouppricelist', 'orders_pricefloor', 'orders_taxexemption', 'orders_identityproof', 'orders_paymentprovider', 'orders_substitute', 'orders_lane', 'orders_skuhome', 'orders_capacity', 'orders_warehouseday', 'erp_noticesubscription', 'erp_signinpolicy', 'erp_approvallimit', 'orders_customfield', 'orders_carrieroption'
]) t;

-- Rows that hot tables refer to without a foreign key (erp/access/models.py: LASTING) are never deleted.
CREATE OR REPLACE FUNCTION erp_make_lasting(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM erp_put_trigger(target, 'lasting', 'BEFORE DELETE OR TRUNCATE',
        'FOR EACH STATEMENT EXECUTE FUNCTION erp_refuse_change()');
END $$;

SELECT erp_make_lasting(t::regclass) FROM unnest(ARRAY[
    'erp_channel', 'erp_actor', 'inventory_sku', 'inventory_warehouse', 'inventory_place', 'inventory_lot',
    'orders_ordertype', 'orders_promotion'
]) t;
