"""Gathers the models of every ground-floor room for Django."""

from erp.access.models import (
    AccountMail,
    Actor,
    ApiKey,
    Channel,
    Company,
    SignInPolicy,
    User,
)
from erp.approvals.models import ApprovalLimit, LimitChange
from erp.audit.models import AuditRun, HistoryEntry
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
from erp.security.models import SecurityEvent

__all__ = [
    "AccountMail",
    "Actor",
    "ApiKey",
    "ApprovalLimit",
    "AuditRun",
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
    "LimitChange",
    "ListLayout",
    "Mention",
    "Message",
    "Notice",
    "NoticeMark",
    "NoticeSubscription",
    "Once",
    "Retention",
    "SavedView",
    "SecurityEvent",
    "SignInPolicy",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
