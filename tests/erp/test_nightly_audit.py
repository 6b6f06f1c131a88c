"""The invariants are proved every night, kept, and told where one does not hold."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from erp.audit.models import AuditRun
from erp.audit.queries import is_audit_due, last_audit
from erp.audit.tasks import prove_nightly
from erp.notices.models import Notice
from erp.notices.tasks import watch

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # four in the morning in Shanghai
DAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age_h", "now", "is_due"),
    [
        (None, DAY, True),
        (25, NIGHT, True),
        (19, NIGHT, False),
        (25, DAY, False),
        (31, DAY, True),
    ],
)
def test_it_is_due_by_night_or_once_missed(ground, age_h, now, is_due):
    if age_h is not None:
        at = now - timedelta(hours=age_h)
        AuditRun.objects.create(at=at, seconds=1, laws=1, broken=0)
    assert is_audit_due(now) is is_due


def test_what_is_broken_is_kept_told_and_shown(shop, sign_in):
    prove_nightly()
    run = last_audit()
    assert (run.broken, run.found) == (0, {})
    assert run.laws > 30
    prove_nightly()
    assert AuditRun.objects.count() == 1

    with connection.cursor() as cursor:
        cursor.execute("UPDATE erp_company SET currency = 'XXQ'")
    AuditRun.objects.all().delete()
    with pytest.raises(SystemExit):
        call_command("audit")
    assert last_audit().found == {"currencies_exist": 1}
    watch()
    (notice,) = Notice.objects.filter(kind="law_broken")
    assert notice.params == {"name": "currencies_exist", "rows": 1}
    assert timezone.now() - last_audit().at < timedelta(minutes=1)
    page = sign_in().get("/settings/health/").content.decode()
    assert "Every invariant held" in page
