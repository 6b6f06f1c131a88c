"""Declares the personal data of the ground floor: messages, jobs, comments, sign-ins, and how long each is kept."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Fate, Of, Rule, Table

# Files and answers that name a person without pointing at them are found by contact, in whatever they hold.
_IN_FILES = (
    "t.job_id IN (SELECT f.job_id FROM erp_jobfile f JOIN erp_job j ON j.id = f.job_id"
    " WHERE j.status <> 'running' GROUP BY f.job_id"
    " HAVING erp_names_someone(string_agg(f.content, ''::bytea ORDER BY f.position), %(traces)s))"
)

TABLES = (
    Table(
        "erp.Comment",
        _("what staff write about an order, a return or a customer"),
        personal="text",
        plain="subject_ref",
        whose="t.subject_ref = ANY(%(refs)s)",
        sets={"text": "''"},
    ),
    Table(
        "erp.Message",
        _("what a customer was told, so that it can be shown and sent again"),
        personal="recipient subject text html error",
        plain="template subject_ref language attachment",
        whose="t.subject_ref = ANY(%(refs)s) OR lower(t.recipient) = ANY(%(emails)s) OR t.recipient = ANY(%(phones)s)",
        # Two of an event to different recipients stay two: `message_once_per_event`.
        sets={
            "recipient": "'erased:' || t.id",
            "status": "CASE WHEN t.status = 'waiting' THEN 'failed' ELSE t.status END",
        },
    ),
    Table(
        "erp.Once",
        _("answers of the API, so that a call that is repeated gets the same one"),
        personal="answer",
        plain="scope key request_hash",
        whose="t.answer IS NOT NULL AND erp_says(t.answer, %(traces)s)",
        # The key stays: the call is not done again, and says why it has no answer.
        sets={
            "status": "410",
            "answer": 'convert_to(\'{"status": 410, "code": "erased", "title": "Gone"}\', \'UTF8\')',
        },
    ),
    Table(
        "erp.JobFile",
        _("files that were imported or exported"),
        personal="content",
        whose=_IN_FILES,
        fate=Fate.DELETE,
        unexported="content",
    ),
    Table(
        "erp.JobFinding",
        _("rows of files that could not be taken in"),
        personal="file params raw",
        plain="severity code",
        whose="t.raw::text ILIKE ANY(%(like)s) OR t.params::text ILIKE ANY(%(like)s)",
    ),
    Table(
        "erp.JobItem",
        _("what a bulk action did to each row, so that it can be undone"),
        personal="before error",
        plain="label",
        whose="t.label = ANY(%(numbers)s) AND (t.before IS NOT NULL OR t.error <> '')",
        sets={
            "before": "NULL",
            "error": "CASE WHEN t.status = 'failed' THEN t.error ELSE '' END",
        },
    ),
    Table(
        "erp.Job",
        _("what was asked of a job"),
        personal="name asked result error",
        plain="kind",
        whose="t.status <> 'running' AND (t.asked::text ILIKE ANY(%(like)s) OR t.error ILIKE ANY(%(like)s)"
        " OR t.name ILIKE ANY(%(like)s) OR t.result::text ILIKE ANY(%(like)s))",
    ),
    Table(
        "erp.SavedView",
        _("what a person searches for again and again"),
        personal="query name",
        plain="list",
        whose="t.query ILIKE ANY(%(like)s) OR t.name ILIKE ANY(%(like)s)",
        fate=Fate.DELETE,
    ),
    Table(
        "erp.Notice",
        _("what staff were alerted to"),
        personal="params",
        plain="kind key role url",
        whose="t.params::text ILIKE ANY(%(like)s)",
    ),
    Table(
        "erp.HistoryEntry",
        _("the history of settings and master data"),
        personal="before after",
        plain="table row change",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "erp.User",
        _("people who sign in"),
        personal="username first_name last_name email",
        plain="password session_salt language theme time_zone density",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "erp.Actor",
        _("who did what"),
        personal="name",
        plain="role",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "account.EmailAddress",
        _("people who sign in"),
        personal="email",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "erp.AccountMail",
        _("mails to people about their own accounts"),
        personal="recipient address device",
        plain="detail error",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "erp.SecurityEvent",
        _("what touched sign-in, rights and secrets"),
        personal="address facts",
        plain="kind request_id",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "socialaccount.SocialAccount",
        _("people who sign in by the company's identity provider"),
        personal="uid extra_data",
        plain="provider",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "sessions.Session",
        _("who is signed in"),
        personal="session_data",
        plain="session_key",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
    Table(
        "admin.LogEntry",
        _("who changed what in the back office"),
        personal="object_repr change_message",
        plain="object_id",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
)

# Models that hold nothing personal, each with its columns of text.
NOBODYS = """
auth.Permission name codename
auth.Group name
contenttypes.ContentType app_label model
account.EmailConfirmation key
mfa.Authenticator data
erp.Channel code name currency language time_zone webhook_secret previous_secret
erp.ApiKey prefix secret_hash scopes
erp.Company name tax_id address phone email currency time_zone logo
erp.BackupRun name said
erp.Mention url
erp.Event topic subject facts
erp.EventDelivery subscriber error
erp.Heartbeat name error
erp.WebhookEndpoint url topics secret previous_secret
erp.WebhookDelivery error
erp.ListLayout list columns
erp.NoticeSubscription role kind
erp.Erasure key customers orders contact_hashes kept counts sought
erp.ErasedRow table
erp.Retention name
erp.SignInPolicy second_factor_roles allowed_networks
erp.AuditRun found
erp.ApprovalLimit kind
socialaccount.SocialApp provider provider_id name client_id secret key settings
socialaccount.SocialToken token token_secret
"""

RULES = (
    Rule(
        "events",
        _("Events and their deliveries"),
        "erp_event",
        "t.at",
        days=30,
        least=30,
        most=365,
        function="erp_forget_events",
        why=_("GET /events reaches back 30 days."),
    ),
    Rule(
        "keys",
        _("Idempotency keys with their answers, and claimed ticks"),
        "erp_once",
        "t.at",
        only="t.scope NOT LIKE 'subscriber:%%'",
        days=30,
        least=30,
        most=90,
        walks="at",
        why=_("A call may be repeated for 30 days."),
    ),
    Rule(
        "webhooks",
        _("Webhook deliveries that ended"),
        "erp_webhookdelivery",
        "t.due_at",
        only="t.status <> 'pending'",
        days=30,
        least=7,
        most=90,
    ),
    Rule(
        "sessions",
        _("Sessions that ended"),
        "django_session",
        "t.expire_date",
        days=1,
        least=0,
        most=30,
        walks="expire_date",
    ),
    Rule(
        "account_mails",
        _("Mails to people about their own accounts"),
        "erp_accountmail",
        "t.created_at",
        only="t.status <> 'waiting'",
        days=90,
        least=7,
        most=1095,
    ),
    Rule(
        "security_events",
        _("Security events"),
        "erp_securityevent",
        "t.at",
        days=1095,
        least=90,
        function="erp_forget_security_events",
    ),
    Rule(
        "message_texts",
        _("Texts and addresses of messages to customers"),
        "erp_message",
        "t.sent_at",
        only="t.status = 'sent' AND t.text <> ''",
        days=365,
        least=30,
        most=3650,
        blanks={
            "text": "''",
            "html": "''",
            "subject": "''",
            "recipient": "'erased:' || t.id",
        },
    ),
    Rule(
        "messages",
        _("That messages to customers were sent"),
        "erp_message",
        "t.sent_at",
        only="t.status = 'sent'",
        days=1095,
        least=90,
    ),
    Rule(
        "messages_failed",
        _("Messages to customers that could not be sent"),
        "erp_message",
        "t.due_at",
        only="t.status = 'failed'",
        days=365,
        least=30,
        most=3650,
    ),
    Rule(
        "job_files",
        _("Files of jobs: imports, exports, personal data of one person"),
        "erp_jobfile",
        "(SELECT j.finished_at FROM erp_job j WHERE j.id = t.job_id)",
        days=30,
        least=1,
        most=365,
    ),
    Rule(
        "job_items",
        _("Rows of jobs: what a bulk action did, what a file had wrong"),
        "erp_jobitem",
        "(SELECT j.finished_at FROM erp_job j WHERE j.id = t.job_id)",
        days=90,
        least=7,
        most=365,
    ),
    Rule(
        "job_findings",
        _("Rows of files that could not be taken in"),
        "erp_jobfinding",
        "(SELECT j.finished_at FROM erp_job j WHERE j.id = t.job_id)",
        days=90,
        least=7,
        most=365,
    ),
    Rule(
        "jobs",
        _("Jobs that ended"),
        "erp_job",
        "t.finished_at",
        only="NOT EXISTS (SELECT FROM erp_jobitem i WHERE i.job_id = t.id)"
        " AND NOT EXISTS (SELECT FROM erp_jobfinding i WHERE i.job_id = t.id)"
        " AND NOT EXISTS (SELECT FROM erp_jobfile i WHERE i.job_id = t.id)",
        days=365,
        least=30,
    ),
    Rule(
        "notices",
        _("Alerts to staff"),
        "erp_notice",
        "t.at",
        days=180,
        least=30,
        walks="at",
    ),
    Rule(
        "mentions",
        _("Mentions in comments that were seen"),
        "erp_mention",
        "t.seen_at",
        days=180,
        least=30,
    ),
    Rule(
        "backup_runs",
        _("That backups and drills were made"),
        "erp_backuprun",
        "t.began_at",
        only="t.ended_at IS NOT NULL",
        days=365,
        least=30,
    ),
    Rule(
        "heartbeats",
        _("Schedules and rounds that are no longer there"),
        "erp_heartbeat",
        "t.at",
        days=365,
        least=90,
        walks="name",
    ),
)
