"""What the composition and the image promise: limits, logs that end, no secret and no test in the image."""

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "slow-worker", "beat", "owner")
RULES = [r for r in (ROOT / ".dockerignore").read_text().splitlines() if r and r[0] != "#"]


def is_in_the_image(path: str) -> bool:
    """Whether Docker sends a file to the build: of the rules that match, the last counts."""
    inside = True
    for rule in RULES:
        pattern = rule.removeprefix("!")
        tail = pattern.removeprefix("**/")
        anywhere = tail != pattern
        parts = path.split("/") if anywhere else [path]
        if any(fnmatch(part, tail) for part in parts) or path.startswith(f"{tail}/"):
            inside = rule.startswith("!")
    return inside


ARCHIVE = yaml.safe_load((ROOT / "docs/docker/archive.yml").read_text())["services"]
# Set by the composition itself, or of no use in a container.
OF_THE_COMPOSITION = {
    "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "DATABASE_OWNER_USER", "DATABASE_OWNER_PASSWORD",
    "REDIS_PORT", "REDIS_USER", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PG_BIN_DIR",
    "WAL_ARCHIVE_DIR", "BACKUP_KEEP_COPIES",
}  # fmt: skip


def documented() -> set[str]:
    """The settings that docs/operations.md lists in its tables.

    A name was taken for letters alone: the five of a bucket (S3) were compared with nothing, and arrived nowhere.
    """
    rows = re.findall(r"^\| (`[A-Z][^|]*) \|", (ROOT / "docs/operations.md").read_text(), re.M)
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}


def test_every_documented_setting_arrives_in_the_containers():
    """Single sign-on, metrics and logs were described, and could not be set."""
    assert {"METRICS_TOKEN", "OIDC_ISSUER", "BACKUP_DIR", "FILES_S3_SECRET"} <= documented()
    assert documented() - OF_THE_COMPOSITION - SERVICES["web"]["environment"].keys() == set()


@pytest.mark.parametrize("services", [SERVICES, ARCHIVE])
def test_no_statement_goes_into_postgresqls_log(services):
    """A composition laid over another replaces its whole command."""
    said = services["postgres"]["command"]
    for setting in (
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
        "log_parameter_max_length=0",
        "log_parameter_max_length_on_error=0",
    ):
        assert f"-c {setting}" in said


def test_without_containers_nothing_of_that_is_forgotten():
    guide = (ROOT / "docs/operations/debian.md").read_text()
    for name in ("log_min_error_statement = panic", "log_error_verbosity = terse"):
        assert name in guide
    upgrade = guide.partition("git -C /opt/throughline fetch")[2]
    units = {path.stem for path in (ROOT / "docs/debian").glob("throughline-*.service")}
    lasting = {u for u in units if u.split("-", 1)[1] in {"web", "worker", "slow-worker", "beat"}}
    restarted = {
        word for line in upgrade.split("\n") if "systemctl restart" in line for word in line.split()
    }
    assert len(lasting) == 4
    assert lasting <= restarted


def test_how_many_proxies_there_are_has_to_be_said():
    """With none behind one, ten wrong passwords of anybody refuse every new device."""
    assert ":?" in SERVICES["web"]["environment"]["TRUSTED_PROXIES"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_its_limits_and_a_log_that_ends(name):
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert service.get("stop_grace_period")


@pytest.mark.parametrize("name", OURS)
def test_our_services_change_no_file_of_the_program(name):
    assert (SERVICES[name]["read_only"], SERVICES[name]["cap_drop"]) == (True, ["ALL"])


def test_only_who_migrates_and_restores_knows_the_owners_password():
    knows = {n for n, s in SERVICES.items() if "DATABASE_OWNER_PASSWORD" in s["environment"]}
    assert knows == {"migrate", "owner"}


def test_no_password_stands_in_a_url():
    """One with `/`, `#` or `@` would not be what it is."""
    assert "://" not in str([s["environment"].get("DATABASE_PASSWORD") for s in SERVICES.values()])
    for service in SERVICES.values():
        assert not {"DATABASE_URL", "REDIS_URL"} & service["environment"].keys()


def test_the_image_holds_the_product_and_nothing_else():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    inside = {path for path in listed if path and is_in_the_image(path)}
    tops = {path.partition("/")[0] for path in inside}
    assert not tops & {"tests", "bench", "docs", ".ci", ".github", ".git"}
    apps = {"erp", "inventory", "orders", "fulfillment", "returns", "analytics", "demo"}
    assert apps | {"templates", "static", "locale", "manage.py", "requirements"} <= tops
    left = {p for p in listed if p.partition("/")[0] in apps | {"templates", "static"}} - inside
    assert not left


@pytest.mark.parametrize(
    "path", [".env", ".env.production", "erp/.env", ".data/secret_key", "tls.key", "erp/tls.pem"]
)
def test_no_secret_is_sent_to_the_build(path):
    assert not is_in_the_image(path)
