-- Uses of promotions and their coupons by orders that are being placed, limited by CHECKs on their tables.

-- Count the uses, before the orders are written: promotions and coupons are locked in order, and the CHECKs
-- refuse what a rival took; then the caller decides again.
CREATE OR REPLACE FUNCTION orders_claim_coupon_uses(uses jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM orders_promotion p WHERE p.max_uses IS NOT NULL AND p.id IN (
        SELECT u.promotion_id FROM jsonb_to_recordset(uses) AS u(promotion_id bigint)) ORDER BY p.id FOR UPDATE;
    PERFORM 1 FROM orders_coupon c WHERE c.id IN (
        SELECT u.coupon_id FROM jsonb_to_recordset(uses) AS u(coupon_id bigint)) ORDER BY c.id FOR UPDATE;
    UPDATE orders_promotion p SET used = p.used + u.n FROM (
        SELECT u.promotion_id, count(*) AS n FROM jsonb_to_recordset(uses) AS u(promotion_id bigint) GROUP BY 1) u
    WHERE p.id = u.promotion_id AND p.max_uses IS NOT NULL;
    UPDATE orders_coupon c SET used = c.used + u.n FROM (
        SELECT u.coupon_id, count(*) AS n FROM jsonb_to_recordset(uses) AS u(coupon_id bigint) GROUP BY 1) u
    WHERE c.id = u.coupon_id;
END $$;

-- Write who used what, and what it took off which line.
CREATE OR REPLACE FUNCTION orders_record_coupon_uses(uses jsonb, adjustments jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Which of the customer's uses of the coupon it is: the first that is free; one too many breaks the CHECK.
    INSERT INTO orders_promotionuse (promotion_id, coupon_id, order_id, customer_id, most, nth)
    SELECT u.promotion_id, u.coupon_id, u.order_id, u.customer_id, u.most, CASE WHEN u.most IS NOT NULL THEN coalesce((
        SELECT g.n FROM generate_series(1, u.most) AS g(n)
        WHERE NOT EXISTS (SELECT 1 FROM orders_promotionuse o
                          WHERE o.coupon_id = u.coupon_id AND o.customer_id = u.customer_id AND o.nth = g.n)
        ORDER BY g.n OFFSET u.before LIMIT 1), u.most + 1) END
    FROM (SELECT u.*, row_number() OVER (PARTITION BY u.coupon_id, u.customer_id ORDER BY u.order_id) - 1 AS before
          FROM jsonb_to_recordset(uses) AS u(
              promotion_id bigint, coupon_id bigint, order_id bigint, customer_id bigint, most int)) u;
    INSERT INTO orders_adjustment (order_id, line_id, promotion_id, coupon, amount)
    SELECT a.* FROM jsonb_to_recordset(adjustments) AS a(
        order_id bigint, line_id bigint, promotion_id bigint, coupon text, amount numeric);
END $$;
