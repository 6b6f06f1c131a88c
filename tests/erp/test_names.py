"""Names in any language: one comes out whatever is asked, the nearest there is, and nothing else can be kept."""

from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from erp.form_rows import MADE_FROM, made_from
from erp.names import TranslationsField, language_of_column, name_in, other_languages
from inventory.models import Sku
from orders.models import ShippingService
from tests.conftest import owner_cursor

CODES = ("zh", "zh-hans", "zh-hant", "zh-hant-tw", "de", "de-at", "pt-br", "en")
texts = st.text(min_size=1, max_size=20).filter(str.strip)


@given(
    st.sampled_from(CODES) | st.text(max_size=12),
    texts,
    st.dictionaries(st.sampled_from(CODES), texts),
)
def test_whatever_is_asked_the_nearest_name_comes_out(language, name, translations):
    found = name_in(language, name, translations)

    parts = language.lower().replace("_", "-").split("-")
    chain = ["-".join(parts[:n]) for n in range(len(parts), 0, -1)]
    near = [translations[code] for code in chain if code in translations]
    assert found == [*near, name][0]
    assert found.strip()


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("zh-hans", "茶"),
        ("zh_Hant", "荼"),
        ("zh-tw", "茶"),
        ("de-at", "Tee"),
        ("fr", "Tea"),
        ("", "Tea"),
    ],
)
def test_the_fall_back_is_exact_then_whole_language_then_default(language, name):
    assert name_in(language, "Tea", {"zh": "茶", "zh-hant": "荼", "de": "Tee"}) == name


def test_names_are_asked_for_in_every_language_of_the_settings():
    assert other_languages() == [("zh", "简体中文")]
    several = [("en", "English"), ("de", "Deutsch"), ("zh-hans", "简体"), ("zh-hant", "繁體")]
    with override_settings(LANGUAGES=several):
        assert [code for code, _label in other_languages()] == ["de", "zh-hans", "zh-hant"]


@pytest.mark.parametrize(
    ("heading", "language"),
    [
        ("name_zh", "zh"),
        ("中文名", "zh"),
        ("name:de", "de"),
        ("name:pt_br", "pt-br"),
        ("name:", None),
        ("name", None),
    ],
)
def test_a_heading_of_a_sheet_says_the_language(heading, language):
    assert language_of_column(heading) == language


def test_an_empty_translation_is_none_and_a_wrong_one_is_refused():
    field = TranslationsField()
    assert field.clean({"zh": " 茶 ", "de": " "}, None) == {"zh": "茶"}
    for wrong in ([], {"zh": 1}, {"": "x"}, {"name zh": "x"}, {"zh": "x" * 251}):
        with pytest.raises(ValidationError):
            field.clean(wrong, None)


@pytest.mark.django_db(transaction=True)
class TestInTheDatabase:
    @pytest.mark.parametrize(
        "kept",
        [
            "[]",
            '"茶"',
            "null",
            '{"zh": ""}',
            '{"zh": " "}',
            '{"zh": 1}',
            '{"zh": ["茶"]}',
            '{"zh": {"a": "b"}}',
        ],
    )
    def test_only_names_can_be_kept(self, shop, kept):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE inventory_sku SET translations = %s", [kept])

    def test_the_default_is_always_there(self, shop):
        with pytest.raises(IntegrityError), transaction.atomic():
            Sku.objects.update(name="")

    def test_it_is_shown_and_found_in_the_reader_s_language(self, api, sign_in, shop):
        Sku.objects.filter(code="POT-001").update(translations={"zh": "铁壶", "de": "Kanne"})

        assert api.get("skus/POT-001").json()["name_zh"] == "铁壶"
        assert set(api.get("skus/POT-001").json()["names"]) == {"en", "zh", "de"}
        client = sign_in()
        for text in ("铁", "kann"):
            assert b"POT-001" in client.get("/inventory/", {"q": text}).content
        assert b"POT-001" not in client.get("/inventory/", {"q": "zh"}).content
        assert b"POT-001" in client.get("/admin/inventory/sku/", {"q": "铁壶"}).content
        with translation.override("de-at"):
            assert Sku.objects.get(code="POT-001").local_name == "Kanne"

    def test_the_back_office_asks_for_each_language_and_keeps_the_others(self, sign_in, shop):
        Sku.objects.filter(code="POT-001").update(translations={"zh": "铁壶", "de": "Kanne"})
        sku = Sku.objects.get(code="POT-001")
        client = sign_in()
        path = f"/admin/inventory/sku/{sku.pk}/change/"
        form = client.get(path).context["adminform"].form
        assert "铁壶" in str(form["translations"])
        asked = {
            name: value
            for name, value in form.initial.items()
            if value is not None and value is not False
        }
        asked |= {"translations_zh": "银壶"}
        asked.pop("translations")

        answer = client.post(path, asked)
        assert answer.status_code == 302, answer.context["errors"]

        sku.refresh_from_db()
        assert sku.translations == {"zh": "银壶", "de": "Kanne"}

    def test_a_service_is_named_in_the_settings(self, sign_in, shop):
        service = ShippingService.objects.order_by("pk").first()
        ShippingService.objects.update(translations={"de": "Paket"})
        client = sign_in()
        form = {
            "name": "Standard",
            "name:zh": "标准",
            "carrier": "c",
            "fee": "1",
            "transit_p50": "1",
            "transit_p90": "2",
            "free_from": "",
            "is_active": "1",
        }
        shown = {MADE_FROM: made_from(service)}
        client.post(f"/settings/carriers/{service.pk}/", form | shown)
        service.refresh_from_db()
        assert service.translations == {"de": "Paket", "zh": "标准"}
        assert 'name="name:zh"' in client.get("/settings/carriers/").content.decode()
        shown = {MADE_FROM: made_from(service)}
        client.post(f"/settings/carriers/{service.pk}/", form | shown | {"name:zh": ""})
        service.refresh_from_db()
        assert service.translations == {"de": "Paket"}

    @pytest.mark.parametrize("app", ["inventory", "orders"])
    def test_names_are_kept_by_the_migration_and_on_the_way_back(self, shop, app):
        moves = import_module(f"{app}.migrations.0002_names_in_any_language")
        Sku.objects.filter(code="POT-001").update(translations={"zh": "铁壶"})
        ShippingService.objects.update(translations={"zh": "标准"})
        for _model, (table, longest, constraint) in moves.NAMED.items():
            words = {"table": table, "longest": longest, "constraint": constraint}
            with owner_cursor() as cursor:
                cursor.execute(f"SELECT id, translations FROM {table} ORDER BY id")
                before = cursor.fetchall()
                cursor.execute(moves.BACK.format(**words))
                cursor.execute(f"SELECT count(*) FROM {table} WHERE name_zh <> ''")
                assert cursor.fetchone()[0] == sum(bool(names) for _id, names in before)
                cursor.execute(moves.FORTH.format(**words))
                cursor.execute(f"SELECT id, translations FROM {table} ORDER BY id")
                assert cursor.fetchall() == before
