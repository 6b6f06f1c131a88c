"""Measures retention: a year and more, a day's rows at a time, and a round where a million rows are not due.

Every day brings events with deliveries and proofs, API answers, webhook deliveries, sessions, messages to customers,
raw messages, jobs with files and rows, alerts. What is kept longer than four months at first is set to four months, so
that a year shows whether sizes stay: the last day is compared with the one half-way, dead rows included.
"""

import json

from bench.product import fresh_product

DAYS = 400
ROWS = 1_000_000

SEED = """
from erp.access.actions import ensure_ground
from erp.access.models import Channel
from erp.events.webhooks import create_endpoint
from erp.access.queries import job_actor
from erp.once import perform
from django.db import connection
from django.utils import timezone
perform(ensure_ground)
web = Channel.objects.create(code="web", name="Web", kind="storefront", currency="CNY")
from erp.events.models import WebhookEndpoint
WebhookEndpoint.objects.create(
    channel=web, url="https://shop.example/", secret="s", status="paused", created_at=timezone.now()
)
"""

DAY = """
WITH day AS (SELECT %(at)s::timestamptz AS at),
e AS (INSERT INTO erp_event (topic, subject, channel_id, facts, at)
      SELECT 'order.placed', 'order:' || n, NULL, jsonb_build_object('order_id', n), day.at
      FROM day, generate_series(1, 500) n RETURNING id, at),
d AS (INSERT INTO erp_eventdelivery (event_id, subscriber, status, due_at) SELECT id, s, 'done', at
      FROM e, unnest(ARRAY['one', 'two']) s),
o AS (INSERT INTO erp_once (scope, key, at)
      SELECT 'subscriber:' || s, id::text, at FROM e, unnest(ARRAY['one', 'two']) s),
k AS (INSERT INTO erp_once (scope, key, status, answer, at)
      SELECT 'api:1', 'k' || day.at || n, 201, convert_to(repeat(md5(n::text), 60), 'UTF8'), day.at
      FROM day, generate_series(1, 200) n),
w AS (INSERT INTO erp_webhookdelivery (endpoint_id, event_id, status, attempts, due_at, error)
      SELECT (SELECT min(id) FROM erp_webhookendpoint), id, 'sent', 1, at, '' FROM e WHERE id %% 4 = 0),
s AS (INSERT INTO django_session (session_key, session_data, expire_date)
      SELECT left(md5(day.at::text || n), 32), repeat('x', 200), day.at + interval '12 hours'
      FROM day, generate_series(1, 50) n),
m AS (INSERT INTO erp_message (event_id, medium, template, subject_ref, language, recipient, subject,
        text, html, attachment,
        status, attempts, due_at, sent_at, error)
      SELECT id, 'email', 'confirmed', 'order:1', 'en', id || '@example.com', 'Order', repeat(md5(id::text), 20),
        repeat(md5(id::text), 60), '', 'sent', 1, at, at, '' FROM e WHERE id %% 5 = 0),
r AS (INSERT INTO orders_incomingmessage (channel_id, source, topic, delivery, origin, body, received_at, status)
      SELECT (SELECT min(id) FROM erp_channel), 'shopify', 'orders/create', day.at::text || n, '',
        convert_to(repeat(md5(n::text), 90), 'UTF8'), day.at, 'processed' FROM day, generate_series(1, 100) n),
j AS (INSERT INTO erp_job (kind, name, by_id, status, asked, result, done, failed, started_at, updated_at,
        finished_at, stop_asked, error)
      SELECT 'export', 'Orders', (SELECT min(id) FROM erp_actor), 'done', '{}', '{}', 1, 0, day.at,
        day.at, day.at, false, ''
      FROM day, generate_series(1, 5) RETURNING id),
f AS (INSERT INTO erp_jobfile (job_id, position, content)
      SELECT id, 0, convert_to(repeat(md5(id::text), 3000), 'UTF8') FROM j),
i AS (INSERT INTO erp_jobitem (job_id, ref, label, status, error)
      SELECT id, n, n::text, 'done', '' FROM j, generate_series(1, 40) n)
INSERT INTO erp_notice (kind, key, role, params, url, at)
SELECT 'x', day.at::text || n, '', '{}', '', day.at FROM day, generate_series(1, 20) n
"""

LIVE = """
import json, sys, time
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from erp.once import perform
from erp.privacy.declarations import rules
from erp.privacy.models import Retention
from erp.privacy.actions.retention import let_go_some
from bench.retention import DAY
MOST = 120
for rule in rules():
    if rule.days > MOST:
        Retention.objects.update_or_create(name=rule.name, defaults={"days": max(MOST, rule.least)})
TABLES = ("erp_event", "erp_eventdelivery", "erp_once", "erp_webhookdelivery", "django_session", "erp_message",
          "erp_jobfile", "erp_jobitem", "erp_job", "erp_notice", "orders_incomingmessage")
begin = timezone.now() - timedelta(days=%(days)s + 1)
sizes, longest, spent = {}, 0.0, 0.0
def size():
    with connection.cursor() as c:
        c.execute("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relname = ANY(%%s)", [list(TABLES)])
        bytes_ = dict(c.fetchall())
        rows = {}
        for t in TABLES:
            c.execute(f"SELECT count(*) FROM {t}")
            rows[t] = c.fetchone()[0]
    return {t: [rows[t], bytes_[t]] for t in TABLES}
for day in range(%(days)s):
    at = begin + timedelta(days=day)
    with connection.cursor() as c:
        c.execute(DAY, {"at": at})
    started = time.perf_counter()
    for rule in rules():
        step = time.perf_counter()
        while perform(let_go_some, rule=rule.name, now=at + timedelta(hours=23)):
            longest = max(longest, time.perf_counter() - step)
            step = time.perf_counter()
        longest = max(longest, time.perf_counter() - step)
    spent += time.perf_counter() - started
    if day in (%(days)s // 2, %(days)s - 1):
        sizes[day] = size()
print(json.dumps({"sizes": list(sizes.values()), "longest_s": longest, "night_s": spent / %(days)s}))
"""

MILLION = """
import json, time
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from erp.once import perform
from erp.privacy.declarations import rules
from erp.privacy.models import Retention
from erp.privacy.actions.retention import let_go_some
with connection.cursor() as c:
    c.execute("SET statement_timeout = 0")
    c.execute("INSERT INTO erp_once (scope, key, at) SELECT 'api:2', n::text, now() - interval '1 day'"
              " FROM generate_series(1, %(rows)s) n")
    c.execute("INSERT INTO orders_incomingmessage"
              " (channel_id, source, topic, delivery, origin, body, received_at, status)"
              " SELECT (SELECT min(id) FROM erp_channel), 'shopify', 't', 'm' || n, '', 'x',"
              " now() - interval '1 day', 'processed' FROM generate_series(1, %(rows)s) n")
took = {}
for rule in rules():
    started = time.perf_counter()
    while perform(let_go_some, rule=rule.name, now=timezone.now()):
        pass
    first = time.perf_counter() - started
    started = time.perf_counter()
    perform(let_go_some, rule=rule.name, now=timezone.now())
    took[rule.name] = [first, time.perf_counter() - started]
print(json.dumps(took))
"""


def main() -> None:
    with fresh_product() as product:
        product.shell(SEED)
        lived = json.loads(product.shell(LIVE % {"days": DAYS}).splitlines()[-1])
        million = json.loads(product.shell(MILLION % {"rows": ROWS}).splitlines()[-1])
    half, last = lived["sizes"]
    print(
        f"{'table':24}{'rows half-way':>15}{'rows at last':>14}{'MB half-way':>13}{'MB at last':>12}"
    )
    for table, (rows, size) in half.items():
        print(
            f"{table:24}{rows:15,}{last[table][0]:14,}{size / 1e6:13.1f}{last[table][1] / 1e6:12.1f}"
        )
    again = {name: times[1] for name, times in million.items()}
    slowest = max(again, key=again.__getitem__)
    print(
        f"a night: {lived['night_s']:.2f} s; longest transaction {lived['longest_s'] * 1000:.0f} ms"
    )
    print(
        f"a round with {ROWS:,} rows that are not due: slowest rule {slowest}, {again[slowest] * 1000:.0f} ms"
    )
    print(
        json.dumps(
            {
                "days": DAYS,
                "rows_ratio": round(
                    sum(r for r, _ in last.values()) / sum(r for r, _ in half.values()), 3
                ),
                "size_ratio": round(
                    sum(s for _, s in last.values()) / sum(s for _, s in half.values()), 3
                ),
                "night_s": round(lived["night_s"], 3),
                "longest_transaction_s": round(lived["longest_s"], 3),
                "idle_round_s": round(sum(again.values()), 3),
            }
        )
    )
