"""Names in any language: a row has one in the default language, and translations of it beside.

What is shown is the name in the reader's language, else in the language that it is a form of, else the default:
of "zh-hant-tw" "zh-hant", then "zh", then `name`.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.core import UnknownLocaleError
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from erp.visible import is_blank

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField  # it has no types when it runs

LONGEST = 250
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

# What translations are, as JSON: an object of texts that say something.
_ARE_NAMES = (
    r'strict $ ? (@.type() == "object" && !exists(@.* ? (@.type() != "string"'
    r' || !(@ like_regex "\\S") || @ like_regex "^.{251}" flag "s")))'
)


def country_name(code: str, language: str) -> str:
    """What a country is called in a language, by its ISO 3166-1 code; the code where it has no name."""
    try:
        names = Locale(language[:2]).territories
    except (UnknownLocaleError, ValueError):
        names = Locale("en").territories
    return str(names.get(code.upper(), code))


def name_in(language: str, name: str, translations: Mapping[str, str]) -> str:
    """A name in a language, else in the nearest one that it is a form of, else as it is by default."""
    code = language.lower().replace("_", "-") if translations else ""
    while code:
        if text := translations.get(code):
            return text
        code = code.rpartition("-")[0]
    return name


def other_languages() -> list[tuple[str, str]]:
    """The languages that names are asked for besides the default: (code, what it is called).

    The code is that of the whole language ("zh") where one form of it ("zh-hans") is all there is.
    """
    others = [(c, label) for c, label in settings.LANGUAGES if c != settings.LANGUAGE_CODE]
    forms_of = Counter(code.partition("-")[0] for code, _label in settings.LANGUAGES)
    return [
        (whole if forms_of[whole := code.partition("-")[0]] == 1 else code, label)
        for code, label in others
    ]


def names_of(row: "Named") -> dict[str, str]:
    """Every name of a row by its language, the default first."""
    translations: dict[str, str] = row.translations
    return {settings.LANGUAGE_CODE: row.name} | translations


def language_of_column(heading: str) -> str | None:
    """Which language a column of a sheet holds names in: "name:de", "name_zh", "中文名"; None for any other heading."""
    if heading in {"name_zh", "中文名"}:
        return "zh"
    head, _colon, language = heading.lower().replace("_", "-").partition(":")
    return language if head == "name" and LANGUAGE.fullmatch(language) else None


def column_of_language(language: str) -> str:
    """The heading of a sheet's column of names in a language."""
    return "name_zh" if language == "zh" else f"name:{language}"


def translations_of(row: Mapping[str, object]) -> dict[str, str]:
    """The names that a row of a sheet has besides the default; an empty cell says nothing."""
    return {
        language: str(text)
        for heading, text in row.items()
        if text and (language := language_of_column(heading))
    }


def check_visible(name: object) -> None:
    """Raise ValidationError for a name of which nothing can be seen: blanks, and marks of no width."""
    if is_blank(str(name)):
        raise ValidationError(_("Nothing of it can be seen."), code="blank")


class NameField(_Text):
    """What people call something; forms, the back office, files and `save_checked` refuse one that cannot be seen.

    Every model that people name declares its name by this field (tests/erp/test_codes.py has the others).
    """

    default_validators = [check_visible]

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """A column of text, to migrations."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class TranslationsField(models.JSONField):
    """Names by the code of their language, besides the default one. An empty text takes one away."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"default": dict, "blank": True})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Say that the column is one of JSON: migrations name no class of ours."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.JSONField", args, options

    def clean(self, value: Any, model_instance: models.Model | None) -> dict[str, str]:
        if not isinstance(value, dict):
            raise ValidationError(_("These are names by their languages."))
        found = {}
        for code, text in value.items():
            if not LANGUAGE.fullmatch(code):
                raise ValidationError(_("“%(code)s” is no language.") % {"code": code[:40]})
            if not isinstance(text, str) or len(text.strip()) > LONGEST:
                raise ValidationError(_("A name has at most %(n)s characters.") % {"n": LONGEST})
            if text.strip():
                check_visible(text)
                found[code] = text.strip()
        return found

    def formfield(self, **options: Any) -> forms.Field:
        return TranslationsInput(label=self.verbose_name, required=False)

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        """Keep names in languages that the form does not ask for."""
        asked = {code for code, _label in other_languages()}
        kept = {k: v for k, v in getattr(instance, self.name).items() if k not in asked}
        super().save_form_data(instance, kept | data)


@TranslationsField.register_lookup
class Texts(models.Transform):
    """All translations as one text, to search in: `translations__texts__icontains`."""

    lookup_name = "texts"
    template = "jsonb_path_query_array(%(expressions)s, '$.*')::text"
    output_field = models.TextField()


@TranslationsField.register_lookup
class AreNames(models.Transform):
    """Whether a document is an object of texts that say something and are not too long."""

    lookup_name = "are_names"
    template = f"jsonb_path_exists(%(expressions)s, '{_ARE_NAMES}')"
    output_field = models.BooleanField()


class TranslationsInput(forms.MultiValueField):
    """An input for each language besides the default."""

    def __init__(self, **options: Any) -> None:
        from unfold.widgets import UnfoldAdminTextInputWidget

        self.codes = [code for code, _label in other_languages()]
        inputs = {
            code: UnfoldAdminTextInputWidget(attrs={"placeholder": label, "aria-label": label})
            for code, label in other_languages()
        }
        fields = [forms.CharField(max_length=LONGEST, required=False) for _code in self.codes]
        super().__init__(fields, widget=_Inputs(inputs), require_all_fields=False, **options)

    def compress(self, data_list: Sequence[str]) -> dict[str, str]:
        return {c: text for c, text in zip(self.codes, data_list, strict=False) if text}


class _Inputs(forms.MultiWidget):
    def __init__(self, inputs: Mapping[str, forms.Widget]) -> None:
        self.codes = list(inputs)
        super().__init__(dict(inputs))

    def decompress(self, value: Mapping[str, str] | None) -> list[str]:
        return [(value or {}).get(code, "") for code in self.codes]


class Named(models.Model):
    """A row that people know by a name, in whatever language they read.

    A subclass declares `name` itself, as long as it wants it, and the constraint `is_named`.
    """

    name: Any
    translations = TranslationsField(
        gettext_lazy("name in other languages"), db_default=models.Value({}, models.JSONField())
    )

    class Meta:
        abstract = True

    @property
    def local_name(self) -> str:
        """Its name in the reader's language."""
        return name_in(get_language() or "", self.name, self.translations)

    def translate(self, texts: Mapping[str, str]) -> None:
        """Give it names in some languages; an empty text takes one away, the others stay."""
        merged = self.translations | {code: text.strip() for code, text in texts.items()}
        self.translations = {code: text for code, text in merged.items() if text}


def is_named(constraint: str) -> models.CheckConstraint:
    """The constraint that a row has a name by default, and that its translations are names."""
    return models.CheckConstraint(
        condition=~Q(name="") & Q(translations__are_names=True), name=constraint
    )
