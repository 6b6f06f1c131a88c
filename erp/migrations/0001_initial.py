"""The tables of erp. Written once for the first release; from here on what a migration makes never changes."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import erp.events.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('kind', models.CharField(choices=[('storefront', 'Storefront (API)'), ('desk', 'Phone desk'), ('mail', 'E-mail'), ('shopify', 'Shopify'), ('woocommerce', 'WooCommerce'), ('file', 'Files')], max_length=20, verbose_name='kind')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('language', models.CharField(default='en', max_length=10, verbose_name="customers' language")),
                ('time_zone', models.CharField(default='UTC', max_length=40, verbose_name='time zone')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('tells_customers', models.BooleanField(db_default=True, default=True, verbose_name='our messages go to its customers')),
                ('webhook_secret', models.CharField(blank=True, default='', editable=False, max_length=200)),
                ('previous_secret', models.CharField(blank=True, default='', editable=False, max_length=200)),
                ('previous_until', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'channel',
                'verbose_name_plural': 'channels',
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('seconds', models.FloatField(null=True)),
                ('error', models.CharField(db_default='', max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('language', models.CharField(blank=True, default='', max_length=10, verbose_name='language')),
                ('theme', models.CharField(blank=True, default='', max_length=10, verbose_name='theme')),
                ('time_zone', models.CharField(blank=True, default='', max_length=40, verbose_name='time zone')),
                ('density', models.CharField(blank=True, default='', max_length=12, verbose_name='density')),
                ('shortcuts', models.BooleanField(default=True, verbose_name='single-key shortcuts')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Actor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', 'Person'), ('api_key', 'API key'), ('job', 'Background job')], max_length=10)),
                ('name', models.CharField(max_length=150)),
                ('role', models.CharField(max_length=30)),
                ('is_active', models.BooleanField(default=True)),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actor', to=settings.AUTH_USER_MODEL)),
                ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='erp.channel')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'person'), ('user__isnull', False)), models.Q(models.Q(('kind', 'person'), _negated=True), ('user__isnull', True)), _connector='OR'), name='actor_person_has_user'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'api_key'), _negated=True), ('channel__isnull', False), _connector='OR'), name='actor_api_key_has_channel'), models.UniqueConstraint(condition=models.Q(('kind', 'job')), fields=('name',), name='actor_one_job_per_name')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.CharField(max_length=12)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('rate_per_minute', models.PositiveIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='api_key', to='erp.actor')),
            ],
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_ref', models.CharField(max_length=60)),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
            ],
            options={
                'indexes': [models.Index(fields=['subject_ref', 'id'], name='comment_by_subject')],
            },
        ),
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, default='', max_length=200, verbose_name='name')),
                ('tax_id', models.CharField(blank=True, default='', max_length=40, verbose_name='tax id')),
                ('address', models.TextField(blank=True, default='', verbose_name='address')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='phone')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='e-mail')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40, verbose_name='time zone')),
                ('logo', models.ImageField(blank=True, upload_to='company', verbose_name='logo')),
                ('masks_contacts', models.BooleanField(db_default=False, default=False, verbose_name='contacts are masked until somebody asks to see them')),
                ('approval_hours', models.PositiveSmallIntegerField(db_default=24, default=24, verbose_name='hours that an approval may take')),
            ],
            options={
                'verbose_name': 'company profile',
                'verbose_name_plural': 'company profile',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='company_is_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=60)),
                ('subject', models.CharField(max_length=60)),
                ('channel_id', models.BigIntegerField(null=True)),
                ('facts', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tx', models.BigIntegerField(db_default=erp.events.models.CurrentTransaction())),
            ],
            options={
                'indexes': [models.Index(fields=['at', 'id'], name='event_by_time'), models.Index(fields=['tx', 'id'], name='event_in_commit_order')],
            },
        ),
        migrations.CreateModel(
            name='EventDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subscriber', models.CharField(max_length=80)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('parked', 'Parked')], db_default='pending', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(db_default=0)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('error', models.TextField(db_default='')),
                ('event', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='erp.event')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['due_at', 'id'], name='event_delivery_due')],
                'constraints': [models.UniqueConstraint(fields=('event', 'subscriber'), name='event_delivered_once')],
            },
        ),
        migrations.CreateModel(
            name='HistoryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.CharField(max_length=60)),
                ('row', models.CharField(max_length=60)),
                ('change', models.CharField(max_length=10)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('by', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['table', 'row', 'id'], name='history_of_row')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=200)),
                ('status', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('stopped', 'Stopped')], default='running', max_length=10)),
                ('asked', models.JSONField(default=dict)),
                ('result', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('stop_asked', models.BooleanField(default=False)),
                ('error', models.TextField(default='')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'running')), fields=['id'], name='job_running')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('status', 'running')), models.Q(models.Q(('status', 'running'), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='job_finished_when_not_running')],
            },
        ),
        migrations.CreateModel(
            name='JobFile',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='erp.job')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'position'), name='job_file_in_order')],
            },
        ),
        migrations.CreateModel(
            name='JobFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.CharField(max_length=200)),
                ('row', models.PositiveIntegerField()),
                ('severity', models.CharField(max_length=10)),
                ('code', models.CharField(max_length=40)),
                ('params', models.JSONField(default=dict)),
                ('raw', models.JSONField(default=list)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='erp.job')),
            ],
        ),
        migrations.CreateModel(
            name='JobItem',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('ref', models.BigIntegerField()),
                ('label', models.CharField(max_length=60)),
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('done', 'Done'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('error', models.TextField(default='')),
                ('before', models.JSONField(null=True)),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='erp.job')),
            ],
            options={
                'indexes': [models.Index(fields=['job', 'status', 'id'], name='job_item_by_status')],
                'constraints': [models.UniqueConstraint(fields=('job', 'ref'), name='job_item_once'), models.CheckConstraint(condition=models.Q(('status', 'failed'), ('error', ''), _connector='OR'), name='job_item_error_when_failed')],
            },
        ),
        migrations.CreateModel(
            name='ListLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list', models.CharField(max_length=30)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('list', 'by'), name='list_layout_once')],
            },
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=200)),
                ('seen_at', models.DateTimeField(null=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='erp.comment')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('seen_at', None)), fields=['actor'], name='mention_unseen')],
                'constraints': [models.UniqueConstraint(fields=('comment', 'actor'), name='mention_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('medium', models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message')], db_default='email', max_length=5)),
                ('template', models.CharField(max_length=40)),
                ('subject_ref', models.CharField(max_length=60)),
                ('language', models.CharField(max_length=10)),
                ('recipient', models.CharField(max_length=254)),
                ('subject', models.CharField(max_length=250)),
                ('text', models.TextField()),
                ('html', models.TextField()),
                ('attachment', models.CharField(default='', max_length=120)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('sent_at', models.DateTimeField(null=True)),
                ('error', models.TextField(default='')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.event')),
            ],
            options={
                'indexes': [models.Index(fields=['subject_ref'], name='message_by_subject'), models.Index(condition=models.Q(('status', 'waiting')), fields=['due_at'], name='message_due')],
                'constraints': [models.UniqueConstraint(fields=('event', 'template', 'recipient'), name='message_once_per_event')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(max_length=120)),
                ('role', models.CharField(default='', max_length=30)),
                ('params', models.JSONField(default=dict)),
                ('url', models.CharField(default='', max_length=200)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='notice_newest')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'role'), name='notice_once')],
            },
        ),
        migrations.CreateModel(
            name='NoticeMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_id', models.BigIntegerField(default=0)),
                ('actor', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='erp.actor')),
            ],
        ),
        migrations.CreateModel(
            name='NoticeSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=30, verbose_name='role')),
                ('kind', models.CharField(max_length=30, verbose_name='kind')),
                ('is_told', models.BooleanField(default=True, verbose_name='on the home page')),
                ('by_mail', models.BooleanField(default=False, verbose_name='by mail too')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role', 'kind'), name='subscription_once')],
            },
        ),
        migrations.CreateModel(
            name='Once',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=255)),
                ('request_hash', models.CharField(db_default='', max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('answer', models.BinaryField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='once_by_age')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='once_per_key')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list', models.CharField(max_length=30)),
                ('name', models.CharField(max_length=60)),
                ('query', models.TextField()),
                ('is_team', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('list', 'by', 'name'), name='saved_view_name_once_each'), models.UniqueConstraint(condition=models.Q(('is_team', True)), fields=('list', 'name'), name='saved_view_name_once_team')],
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None)),
                ('secret', models.CharField(max_length=60)),
                ('previous_secret', models.CharField(default='', max_length=60)),
                ('previous_until', models.DateTimeField(null=True)),
                ('status', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused')], default='active', max_length=10)),
                ('last_tx', models.BigIntegerField(db_default=erp.events.models.CurrentTransaction())),
                ('last_id', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.channel')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('answered', models.PositiveSmallIntegerField(null=True)),
                ('error', models.CharField(default='', max_length=300)),
                ('sent_at', models.DateTimeField(null=True)),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='erp.event')),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='erp.webhookendpoint')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['due_at', 'id'], name='webhook_due')],
                'constraints': [models.UniqueConstraint(fields=('endpoint', 'event'), name='webhook_once_per_event')],
            },
        ),
    ]
