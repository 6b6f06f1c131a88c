
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('inventory', '0005_by_itself'),
        ('orders', '0016_types_risk_rates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=100, verbose_name='Chinese name')),
                ('kind', models.CharField(choices=[('percentage', 'Percentage off'), ('amount', 'Amount off'), ('tiers', 'Off by tiers'), ('buy_get', 'Buy some, get some'), ('gift', 'Gift'), ('free_shipping', 'Free shipping')], max_length=20, verbose_name='kind')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='starts')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='ends')),
                ('min_amount', models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name='from an amount of')),
                ('min_quantity', models.PositiveIntegerField(blank=True, null=True, verbose_name='from units')),
                ('percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='percent')),
                ('amount', models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name='amount')),
                ('tiers_of', models.CharField(choices=[('amount', 'Amount'), ('quantity', 'Units')], default='amount', max_length=10, verbose_name='tiers by')),
                ('buy_quantity', models.PositiveIntegerField(blank=True, null=True, verbose_name='buy')),
                ('get_quantity', models.PositiveIntegerField(blank=True, null=True, verbose_name='get')),
                ('repeats', models.BooleanField(default=False, verbose_name='each time')),
                ('cap', models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name='at most')),
                ('base', models.CharField(choices=[('list', 'List prices'), ('running', 'What earlier promotions leave')], default='running', max_length=10, verbose_name='counted from')),
                ('priority', models.PositiveSmallIntegerField(default=100, verbose_name='priority')),
                ('is_exclusive', models.BooleanField(default=False, verbose_name='applies alone')),
                ('stack_group', models.CharField(blank=True, default='', max_length=40, verbose_name='one of the group')),
                ('needs_coupon', models.BooleanField(default=False, verbose_name='with a coupon only')),
                ('max_uses', models.PositiveIntegerField(blank=True, null=True, verbose_name='uses at most')),
                ('used', models.PositiveIntegerField(default=0, editable=False)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('channels', models.ManyToManyField(blank=True, to='erp.channel', verbose_name='channels')),
                ('skus', models.ManyToManyField(blank=True, to='inventory.sku', verbose_name='SKUs')),
            ],
            options={
                'verbose_name': 'promotion',
                'verbose_name_plural': 'promotions',
            },
        ),
        migrations.CreateModel(
            name='Coupon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('max_uses', models.PositiveIntegerField(blank=True, null=True, verbose_name='uses at most')),
                ('max_uses_per_customer', models.PositiveIntegerField(blank=True, null=True, verbose_name='uses at most by a customer')),
                ('used', models.PositiveIntegerField(default=0, editable=False)),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='starts')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='ends')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('promotion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coupons', to='orders.promotion')),
            ],
            options={
                'verbose_name': 'coupon',
                'verbose_name_plural': 'coupons',
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('coupon', models.CharField(default='', max_length=40)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19)),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='orders.orderline')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='orders.order')),
                ('promotion', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='orders.promotion')),
            ],
        ),
        migrations.CreateModel(
            name='PromotionGift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(default=1, verbose_name='units')),
                ('promotion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gifts', to='orders.promotion')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.sku')),
            ],
            options={
                'verbose_name': 'gift',
                'verbose_name_plural': 'gifts',
            },
        ),
        migrations.CreateModel(
            name='PromotionTier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reached', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='from')),
                ('amount', models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name='amount')),
                ('percent', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='percent')),
                ('promotion', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='orders.promotion')),
            ],
            options={
                'verbose_name': 'tier',
                'verbose_name_plural': 'tiers',
            },
        ),
        migrations.CreateModel(
            name='PromotionUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nth', models.PositiveIntegerField(null=True)),
                ('most', models.PositiveIntegerField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('released_at', models.DateTimeField(null=True)),
                ('coupon', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='orders.coupon')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orders.customer')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promotion_uses', to='orders.order')),
                ('promotion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='orders.promotion')),
            ],
        ),
        migrations.AddConstraint(
            model_name='promotion',
            constraint=models.CheckConstraint(condition=models.Q(('max_uses', None), ('used__lte', models.F('max_uses')), _connector='OR'), name='promotion_used_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='promotion',
            constraint=models.CheckConstraint(condition=models.Q(('percent', None), models.Q(('percent__gt', 0), ('percent__lte', 100)), _connector='OR'), name='promotion_percent_is_one'),
        ),
        migrations.AddConstraint(
            model_name='promotion',
            constraint=models.CheckConstraint(condition=models.Q(('amount', None), ('amount__gt', 0), _connector='OR'), name='promotion_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='promotion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('kind', 'percentage'), _negated=True), ('percent__isnull', False), _connector='OR'), models.Q(models.Q(('kind', 'amount'), _negated=True), ('amount__isnull', False), _connector='OR'), models.Q(models.Q(('kind', 'buy_get'), _negated=True), models.Q(('buy_quantity__gt', 0), ('get_quantity__gt', 0), ('percent__isnull', False)), _connector='OR')), name='promotion_says_what_it_gives'),
        ),
        migrations.AddConstraint(
            model_name='promotion',
            constraint=models.CheckConstraint(condition=models.Q(('repeats', False), models.Q(('min_amount__gt', 0), ('min_quantity', None)), models.Q(('min_amount', None), ('min_quantity__gt', 0)), _connector='OR'), name='promotion_repeats_by_one_measure'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(('max_uses', None), ('used__lte', models.F('max_uses')), _connector='OR'), name='coupon_used_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(('code', django.db.models.functions.text.Upper('code'))), name='coupon_code_upper_case'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.UniqueConstraint(fields=('order', 'line', 'promotion'), name='adjustment_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='adjustment_takes_off'),
        ),
        migrations.AddConstraint(
            model_name='promotiongift',
            constraint=models.UniqueConstraint(fields=('promotion', 'sku'), name='gift_once'),
        ),
        migrations.AddConstraint(
            model_name='promotiongift',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='gift_some'),
        ),
        migrations.AddConstraint(
            model_name='promotiontier',
            constraint=models.UniqueConstraint(fields=('promotion', 'reached'), name='tier_once'),
        ),
        migrations.AddConstraint(
            model_name='promotiontier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('percent', None)), models.Q(('amount', None), ('percent__gt', 0), ('percent__lte', 100)), _connector='OR'), name='tier_gives_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='promotionuse',
            constraint=models.UniqueConstraint(fields=('order', 'promotion'), name='promotion_used_once_by_order'),
        ),
        migrations.AddConstraint(
            model_name='promotionuse',
            constraint=models.UniqueConstraint(fields=('coupon', 'customer', 'nth'), name='coupon_use_counted_once'),
        ),
        migrations.AddConstraint(
            model_name='promotionuse',
            constraint=models.CheckConstraint(condition=models.Q(('nth', None), ('nth__lte', models.F('most')), _connector='OR'), name='coupon_within_customers_limit'),
        ),
    ]
