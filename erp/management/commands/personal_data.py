"""Runs `manage.py personal_data`: prints the declarations of personal data as a page of the documentation."""

from django.core.management.base import BaseCommand
from django.utils import translation

from erp.privacy.declarations import Of, Rule, Table, nobodys, obstacles, rules, tables
from erp.privacy.queries import DOES

HEAD = """\
# Personal data

<!-- `make personal-data` writes this page from the apps' `personal_data.py`. Do not edit it by hand. -->

What is kept of people, where, why and how long; how it is given out and how it is erased. Every
column of text, JSON or bytes is declared in the `personal_data.py` of its app, and a test fails
for one that nobody declared.

## Giving it out

*Customers → a customer → Personal data → Export*, or `POST /api/v1/customers/{id}/export`, with
the right `customers.export` (owner, customer service). A job makes one ZIP: `personal-data.json`
with every row of the tables below, structured, a CSV of each table, and what each is kept for.
The personal data access log says who asked. The file goes with the files of jobs (30 days).

## Erasing

The same page, with the right `customers.erase`, says first what an erasure would do to each
table, what the law has us keep and until when, and what it waits for:

%(obstacles)s

Then a job goes through the tables in order, each in a transaction of its own; whatever kills it,
it is resumed, and it cannot be undone. From its first moment nobody is recognised as this person:
whoever orders again is a new customer.

- **Figures do not change**: orders keep goods, money, country and dates; ledgers keep their rows.
- **Kept by law**: of invoices, the address that they were made out to, as long as the rule
  *Addresses on invoices of erased customers* says. It is printed on the invoice and shown nowhere
  else.
- **Ledgers** (rows that are never changed) have the person's words taken out by a function of the
  database's owner, which can do nothing else and leaves a row in `erp_erasedrow` for each
  (`docs/adr/0024-erasure-in-ledgers.md`).
- **What names a person without pointing at them** (files of jobs, answers of the API, messages
  that no order came of, saved searches) is found by e-mail address and phone number. A file that
  cannot be looked into, such as a workbook, is deleted.
- **What others were told**: webhook endpoints hear `customer.erased`; shops, carriers and payment
  providers keep what they have.
- **Not found**: the name of a person in a text about somebody else.

### Backups

An erasure is entered in a **register**: ids, and hashes of contacts with a salt of their own,
nothing of the person. It is in the database and in `erasures.json`, beside the data and in
`BACKUP_DIR`, written at each erasure and with each backup. `manage.py restore` of an older backup
reads it, and erases everybody in it again before anything may leave; so does `manage.py
erase_again` after a recovery to a point in time. Keep `erasures.json` with the backups wherever
they are copied. In the backups themselves and in the write-ahead log's archive a person's data
stays until these age out: `BACKUP_KEEP_DAILY` and `BACKUP_KEEP_WEEKLY` (five weeks as they are
set at first), and the archive's oldest base copy.

### Logs

Our own logs hold no personal data. PostgreSQL's can hold statements: see
`log_min_error_statement` in `operations.md`.



"""


def page() -> str:
    """The declarations as Markdown, in English."""
    with translation.override("en"):
        waits = "\n".join(f"- {o.what}" for o in obstacles())
        parts = [HEAD % {"obstacles": waits}, _inventory(), _retention()]
        return "\n".join(parts)


def _inventory() -> str:
    found = tables()
    people = {
        Of.CUSTOMER: "Of customers",
        Of.STAFF: "Of people who sign in: kept as long as what they did must be traced",
        Of.SUPPLIER: "Of suppliers",
    }
    lines = [
        "## Inventory",
        "",
        f"{len(found)} tables with {sum(len(t.columns) for t in found)} personal columns;"
        f" {len(nobodys())} more hold text and nothing personal.",
    ]
    for of, title in people.items():
        lines += ["", f"### {title}", "", "| table | kept as | personal columns | an erasure |"]
        lines += ["|---|---|---|---|", *(_row(t) for t in found if t.of == of)]
    return "\n".join([*lines, ""])


def _row(table: Table) -> str:
    columns = ", ".join(f"`{name}`" for name in table.columns) or "–"
    does = DOES[table.fate] if table.of == Of.CUSTOMER else "–"
    return f"| `{table.name}` | {table.why} | {columns} | {does} |"


def _retention() -> str:
    lines = [
        "## Retention",
        "",
        "Every hour the schedule *retention* lets go what has been kept for so long, in small",
        "transactions. The days are set under *Settings → Retention*, within these bounds; the page says",
        "what was let go, and whether more is due. Rows that tell of trade itself (orders, ledgers,",
        "timelines, decisions, the history of master data) stay.",
        "",
        "| what | table | days | least | most | then |",
        "|---|---|--:|--:|--:|---|",
        *(_rule(rule) for rule in rules()),
    ]
    return "\n".join([*lines, ""])


def _rule(rule: Rule) -> str:
    most = f"{rule.most:,}" if rule.most else "–"
    blanks = [name for name in rule.blanks if name not in {"status", "cause"}]
    then = f"{', '.join(f'`{name}`' for name in blanks)} emptied" if blanks else "deleted"
    what = f"{rule.what}. {rule.why}" if rule.why else rule.what
    return f"| {what} | `{rule.table}` | {rule.days:,} | {rule.least:,} | {most} | {then} |"


class Command(BaseCommand):
    help = "Print the inventory of personal data as Markdown."

    def handle(self, **options: object) -> None:
        self.stdout.write(page(), ending="")
