"""What the composition and the image promise: limits, logs that end, no secret and no test in the image."""

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
