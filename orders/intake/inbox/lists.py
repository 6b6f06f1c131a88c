"""Lists incoming messages of channels."""

import django_filters
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from erp.access.models import Actor, Channel
from erp.lists.filters import AnyOf, ListFilter, channels_by_code
from erp.lists.page import BulkVerb, Column, ListPage, Tab
from erp.templatetags.show import status_of
from erp.visible import code_key
from erp.web.columns import state_column, text_column, time_column
from orders.intake.inbox.queries import messages_visible_to
from orders.intake.messages.actions.receive import replay_message
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.wording import cause_text
from orders.intake.shops.actions.notifications import retry_notification
from orders.intake.shops.models import ChannelNews


class MessageFilter(ListFilter):
    status = AnyOf(choices=IncomingMessage.Status.choices, label=gettext_lazy("State"))
    channel = AnyOf(choices=channels_by_code, label=gettext_lazy("Channel"), method="of_channel")
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="about")

    def of_channel(
        self, rows: QuerySet[IncomingMessage], name: str, codes: list[str]
    ) -> QuerySet[IncomingMessage]:
        chosen = Channel.objects.filter(code__in=codes).values_list("pk", flat=True)
        return rows.filter(channel_id__in=list(chosen))

    def about(
        self, rows: QuerySet[IncomingMessage], name: str, text: str
    ) -> QuerySet[IncomingMessage]:
        return rows.filter(external_id=text) | rows.filter(order__number=code_key(text))


def _rows(actor: Actor) -> QuerySet[IncomingMessage]:
    return messages_visible_to(actor).select_related("channel")


def _state(message: IncomingMessage) -> SafeString:
    why = cause_text(message.cause, message.params) if message.cause else ""
    return format_html(
        "{}{}",
        status_of(message, "status"),
        format_html("<span class='two'>{}</span>", why) if why else "",
    )


MESSAGES: ListPage[IncomingMessage] = ListPage(
    name="incoming",
    path="/orders/inbox/",
    title=gettext_lazy("Inbox"),
    right="orders.view",
    rows=_rows,
    columns=(
        Column("id", gettext_lazy("Message"), lambda m: f"#{m.pk}", main=True),
        text_column("topic", gettext_lazy("Topic"), lambda m: m.topic),
        Column("channel", gettext_lazy("Channel"), lambda m: m.channel.name),
        Column("origin", gettext_lazy("Origin"), lambda m: m.origin, extra=True),
        state_column(
            "status",
            gettext_lazy("State"),
            "status",
            cell=_state,
            second=(
                gettext_lazy("Reason"),
                lambda m: cause_text(m.cause, m.params) if m.cause else "",
            ),
        ),
        text_column("external_id", gettext_lazy("External number"), lambda m: m.external_id),
        text_column("order", gettext_lazy("Order"), lambda m: m.order.number if m.order else ""),
        Column(
            "attempts", gettext_lazy("Attempts"), lambda m: m.attempts, numeric=True, extra=True
        ),
        time_column("received", gettext_lazy("Came in"), lambda m: m.received_at),
    ),
    order=("-id",),
    names="delivery",
    filters=MessageFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Held back"), "status=held"),
        Tab(gettext_lazy("Failed"), "status=failed"),
        Tab(gettext_lazy("Unprocessed"), "status=received"),
    ),
    bulk=(
        BulkVerb(
            "replay",
            gettext_lazy("Process again"),
            "messages.replay",
            replay_message,
            "message_id",
        ),
    ),
    search=gettext_lazy("External number or order"),
    empty=gettext_lazy(
        "Messages from channels are stored here unchanged before they are processed."
    ),
    link=lambda m: f"/orders/inbox/{m.pk}/",
)


class NewsFilter(ListFilter):
    status = AnyOf(choices=ChannelNews.Status.choices, label=gettext_lazy("State"))


def _news(actor: Actor) -> QuerySet[ChannelNews]:
    rows = ChannelNews.objects.select_related("channel", "order")
    return rows.filter(channel_id=actor.channel_id) if actor.channel_id else rows


def _told(news: ChannelNews) -> SafeString:
    why = format_html("<span class='two'>{}</span>", news.error) if news.error else ""
    return format_html("{}{}", status_of(news, "status"), why)


KINDS = {"shipped": gettext_lazy("parcel shipped"), "cancelled": gettext_lazy("cancelled")}


NEWS: ListPage[ChannelNews] = ListPage(
    name="channel-news",
    path="/orders/channel-news/",
    title=gettext_lazy("Channel notifications"),
    right="orders.view",
    rows=_news,
    columns=(
        Column("order", gettext_lazy("Order"), lambda n: n.order.number, main=True),
        Column("kind", gettext_lazy("What"), lambda n: KINDS.get(n.kind, n.kind)),
        text_column(
            "tracking",
            gettext_lazy("Tracking number"),
            lambda n: n.said.get("tracking_number", ""),
            extra=True,
        ),
        Column("channel", gettext_lazy("Channel"), lambda n: n.channel.name),
        state_column(
            "status",
            gettext_lazy("State"),
            "status",
            cell=_told,
            second=(gettext_lazy("Reason"), lambda n: n.error),
        ),
        Column("attempts", gettext_lazy("Attempts"), lambda n: n.attempts, numeric=True),
        time_column("since", gettext_lazy("Since"), lambda n: n.created_at),
    ),
    order=("-id",),
    names="key",
    filters=NewsFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Failed to notify"), "status=parked"),
        Tab(gettext_lazy("To notify"), "status=pending"),
    ),
    bulk=(
        BulkVerb(
            "again", gettext_lazy("Send again"), "messages.replay", retry_notification, "news_id"
        ),
    ),
    empty=gettext_lazy("What connected shops are notified of: shipments and cancellations."),
    link=lambda n: f"/orders/{n.order.number}/",
)
