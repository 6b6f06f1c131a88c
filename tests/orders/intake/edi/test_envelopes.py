"""Envelopes of interchanges: what was lost on the way is told by trailers that count more, or do not come."""

import itertools
import re

import pytest
from django.utils import timezone, translation

from orders.intake.edi.envelopes import Mark, lost_of
from orders.intake.inbox.tasks import read_some
from orders.intake.messages.actions.receive import replay_message
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.wording import CAUSES, cause_text
from orders.models import Order
from tests.orders.intake.edi.test_interchanges import KINDS, x12_interchange, x12_message

# Interchange, group, message of each notation: what begins and what ends one.
ENVELOPES = {
    "x12": (("ISA", "IEA"), ("GS", "GE"), "ST"),
    "edifact": (("UNB", "UNZ"), ("UNG", "UNE"), "UNH"),
}
ORDER = {"x12": "850", "edifact": "ORDERS"}


def interchange(notation, *groups, **trailers):
    """The marks of an interchange of groups of so many messages; trailers by tag: (number, stated)."""
    (begin, end), (begin_group, end_group), message = ENVELOPES[notation]
    yield Mark(begin, "0007")
    for n, count in enumerate(groups, 1):
        yield Mark(begin_group, str(n))
        yield from [Mark(message)] * count
        yield Mark(end_group, *trailers.get(end_group, (str(n), str(count))))
    yield Mark(end, *trailers.get(end, ("7", str(len(groups)))))


@pytest.mark.parametrize("notation", sorted(ENVELOPES))
@pytest.mark.parametrize("came", [0, 1, 2, 3])
def test_a_trailer_that_counts_more_than_came_tells_what_was_lost(notation, came):
    (_begin, _end), (_begin_group, group), _message = ENVELOPES[notation]
    assert lost_of(interchange(notation, came, 2)) is None
    for stated in ("0", "1", "2", "3", "4", "05", "9" * 30, "x", "-1", "1.5", "²", ""):
        lost = lost_of(interchange(notation, came, **{group: ("1", stated)}))
        if not stated or (stated in "01234" and int(stated) <= came):
            assert lost is None, stated
        else:
            params = {"trailer": f"{group} 1", "stated": stated[:20], "came": str(came)}
            assert lost == ("not_all_came", params), stated


@pytest.mark.parametrize("notation", sorted(ENVELOPES))
def test_references_show_a_loss_only_with_a_count_that_is_wrong(notation):
    (_begin, end), *_rest = ENVELOPES[notation]
    for number, stated in itertools.product(("7", "0007", "8", ""), ("1", "2", "3")):
        lost = lost_of(interchange(notation, 5, 5, **{end: (number, stated)}))
        causes = {"1": "trailer_of_another" if number == "8" else None, "2": None}
        assert (lost and lost.cause) == causes.get(stated, "not_all_came"), (number, stated)


@pytest.mark.parametrize("notation", sorted(ENVELOPES))
@pytest.mark.parametrize("groups", [(1,), (2, 1), (0, 3)])
def test_whatever_trailer_is_missing_the_file_was_cut_off(notation, groups):
    whole = list(interchange(notation, *groups))
    trailers = {end for _begin, end in ENVELOPES[notation][:2]}
    for n, mark in enumerate(whole):
        if mark.tag in trailers:
            lost = lost_of([*whole[:n], *whole[n + 1 :]])
            assert lost == (
                "cut_off",
                {"trailer": f"{mark.tag} {mark.number.replace('7', '0007')}"},
            )
    for end in range(1, len(whole)):
        lost = lost_of(whole[:end])
        assert lost is not None
        assert lost.cause == "cut_off"
        assert lost_of([*whole[:end], *whole]) == lost  # the next one begins


def test_messages_without_envelopes_and_counts_of_messages_where_groups_are_counted_are_no_loss():
    assert lost_of([Mark("UNH", "1"), Mark("UNH", "2")]) is None
    assert lost_of(interchange("edifact", 2, 1, UNZ=("7", "3"))) is None
    assert lost_of(interchange("x12", 2, 1, IEA=("7", "3"))) is not None
    assert lost_of([Mark("ISA", "1"), Mark("ST"), Mark("ST"), Mark("IEA", "1", "1")]) is None
    assert lost_of([Mark("ISA", "1"), Mark("ST"), Mark("GE", "1", "2"), Mark("IEA", "1", "1")])


def body_of(notation, count, change):
    _reader, message, made, _kinds = KINDS[notation]
    body = made(*(message(ORDER[notation], n) for n in range(1, count + 1)))
    return re.sub(rb"GE\*1|UNZ\+1", lambda m: m[0][:-1] + b"%d" % count, body, count=1) + change


LOSSES = {
    "more": (rb"(GE\*|UNZ\+)2", rb"\g<1>5", "not_all_came", ("5", "2")),
    "none counted": (rb"(GE\*|UNZ\+)2", rb"\g<1>abc", "not_all_came", ("abc", "2")),
    "cut off": (rb"(GE\*|IEA\*|UNZ\+).*", rb"", "cut_off", ()),
}


@pytest.mark.django_db(transaction=True)
class TestHandedOver:
    @pytest.mark.parametrize("loss", sorted(LOSSES))
    @pytest.mark.parametrize("notation", sorted(KINDS))
    def test_what_came_is_heard_and_the_message_is_held(self, handed, system, notation, loss):
        pattern, instead, cause, numbers = LOSSES[loss]
        row = handed(re.sub(pattern, instead, body_of(notation, 2, b"")))
        assert (row.status, row.cause) == ("held", cause)
        assert Order.objects.count() == 2
        for language in ("en", "zh-hans"):
            with translation.override(language):
                words = cause_text(row.cause, row.params)
                assert all(number in words for number in numbers)
        replay_message(message_id=row.pk, by=system, now=timezone.now())
        while read_some():
            pass
        row.refresh_from_db()
        assert (row.status, row.cause, Order.objects.count()) == ("held", cause, 2)

    @pytest.mark.parametrize("notation", sorted(KINDS))
    def test_counts_of_segments_and_an_envelopes_reference_are_nobodys_concern(
        self, handed, notation
    ):
        body = body_of(notation, 2, b"")
        body = re.sub(rb"(SE\*|UNT\+)9", rb"\g<1>99", body)
        body = re.sub(rb"(GE\*2\*|IEA\*1\*|UNZ\+2\+)0*\d+", rb"\g<1>12345", body)
        row = handed(body)
        assert (row.status, row.cause, Order.objects.count()) == ("processed", "", 2)

    @pytest.mark.parametrize("unread", [(), ("810",)])
    def test_it_waits_for_orders_first_and_names_what_nobody_reads_beside(self, handed, unread):
        others = [x12_message(kind, n) for n, kind in enumerate(unread, 8)]
        body = x12_interchange(x12_message("860", 1), *others).replace(b"GE*1*", b"GE*7*")
        row = handed(body)
        assert (row.status, row.cause) == ("held", "order_unknown")
        handed(x12_interchange(x12_message("850", 1), control="000000061"))
        row.refresh_from_db()
        assert (row.status, row.cause) == ("held", "not_all_came")
        words = cause_text(row.cause, row.params)
        assert ("810" in words) == bool(unread)
        assert "7" in words
        assert str(CAUSES["not_all_came"]) % row.params in words


def test_a_message_that_ends_with_anothers_trailer_is_refused():
    for notation, (reader, message, made, _kinds) in KINDS.items():
        one = message(ORDER[notation], 1)
        for number, is_same in (("0001", True), ("2", False)):
            other = re.sub(r"(SE\*9\*|UNT\+9\+)0*1", rf"\g<1>{number}", one)
            if is_same:
                assert reader.read("", made(other), currency="EUR")
            else:
                with pytest.raises(Unreadable, match="control_numbers_differ"):
                    reader.read("", made(other), currency="EUR")
