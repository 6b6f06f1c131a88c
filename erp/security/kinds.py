"""Defines the kinds of security events and their wording."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words

KINDS: Mapping[str, Words] = {
    "sign_in": _("Signed in"),
    "sign_in_failed": _("Sign-in failed"),
    "sign_in_refused": _("Sign-in refused: too many attempts"),
    "network_refused": _("Sign-in refused: not from this network"),
    "sign_out": _("Signed out"),
    "sessions_ended": _("Signed out everywhere"),
    "sign_in_policy_changed": _("Rules of sign-in changed"),
    "second_factor_added": _("Second factor added"),
    "second_factor_removed": _("Second factor removed"),
    "second_factor_failed": _("Second factor wrong"),
    "password_reset_asked": _("Password reset requested"),
    "password_reset": _("Password reset"),
    "password_changed": _("Password changed"),
    "person_added": _("Person added"),
    "role_changed": _("Role changed"),
    "person_disabled": _("Person disabled"),
    "person_enabled": _("Person enabled"),
    "key_made": _("API key made"),
    "key_changed": _("API key changed"),
    "key_revoked": _("API key revoked"),
    "key_refused": _("API key refused: unknown, revoked or expired"),
    "secret_changed": _("Secret changed"),
    "sign_in_connected": _("Account for signing in connected"),
    "sign_in_disconnected": _("Account for signing in disconnected"),
    "email_changed": _("E-mail address changed"),
    "recovery_codes_made": _("Recovery codes made"),
    "limit_proposed": _("Higher approval limit proposed"),
    "limit_changed": _("Approval limit changed"),
    "limit_rejected": _("Higher approval limit rejected"),
    "denied": _("Permission denied"),
    "exported": _("Data exported"),
    "backup_made": _("Backup made"),
    "restored": _("Backup restored"),
    "effects_paused": _("Effects paused"),
    "effects_resumed": _("Effects resumed"),
    "parked_replayed": _("Parked work replayed"),
}
# What strangers can cause by trying: of these an address has a few rows a minute, all are counted.
TRIED: frozenset[str] = frozenset(
    {"sign_in_failed", "sign_in_refused", "second_factor_failed", "key_refused", "denied"}
    | {"password_reset_asked", "network_refused"}
)
EVERY_MINUTE = 20
