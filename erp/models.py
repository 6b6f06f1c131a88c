"""Gathers the models of every ground-floor room for Django."""

from erp.access.models import Actor, ApiKey, Channel, Company, User
from erp.audit.models import HistoryEntry
from erp.backups.models import BackupRun
from erp.comments.models import Comment, Mention
from erp.effects.models import EffectsPause
from erp.events.models import (
    Event,
    EventDelivery,
    Heartbeat,
    Once,
    WebhookDelivery,
    WebhookEndpoint,
)
from erp.jobs.models import Job, JobFile, JobFinding, JobItem
from erp.lists.models import ListLayout, SavedView
from erp.messages.models import Message
from erp.notices.models import Notice, NoticeMark, NoticeSubscription
from erp.privacy.models import ErasedRow, Erasure, Retention

__all__ = [
    "Actor",
    "ApiKey",
    "BackupRun",
    "Channel",
    "Comment",
    "Company",
    "EffectsPause",
    "ErasedRow",
    "Erasure",
    "Event",
    "EventDelivery",
    "Heartbeat",
    "HistoryEntry",
    "Job",
    "JobFile",
    "JobFinding",
    "JobItem",
    "ListLayout",
    "Mention",
    "Message",
    "Notice",
    "NoticeMark",
    "NoticeSubscription",
    "Once",
    "Retention",
    "SavedView",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
