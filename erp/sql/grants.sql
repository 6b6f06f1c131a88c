-- What the application's role may do: rows, not tables; no rewriting of ledgers, no writing of levels.
-- %(app)s is the role of DATABASE_URL. Run by the owner after every migration.

GRANT USAGE ON SCHEMA public TO %(app)s;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %(app)s;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %(app)s;
REVOKE UPDATE, DELETE ON erp_event, erp_historyentry, erp_securityevent, inventory_stockmovement, orders_orderevent,
    inventory_serialstep, orders_decision, orders_paymentevent, fulfillment_trackingevent FROM %(app)s;
REVOKE UPDATE, DELETE ON erp_erasedrow FROM %(app)s;
REVOKE INSERT ON erp_historyentry, erp_erasedrow FROM %(app)s;
REVOKE INSERT, UPDATE, DELETE ON inventory_stocklevel, inventory_binlevel, inventory_skucost,
    inventory_costentry FROM %(app)s;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM %(app)s;
