"""A person at a browser, and a worker beside them."""

from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

# What htmx says of a request that going to another page cut off; answers that fail it says otherwise.
CUT_OFF = ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
PASSWORD = "a-long-enough-password"


def run_relay() -> None:
    """Let every event be acted on, as the worker would."""
    from erp.events.relay import deliver, lease_due

    while ids := lease_due(now=timezone.now() + timedelta(seconds=1)):
        for pk in ids:
            deliver(delivery_id=pk, now=timezone.now())


def run_jobs() -> None:
    """Let every job run to its end, as the worker would."""
    from erp.jobs import runner
    from erp.jobs.actions import lease_jobs
    from erp.once import perform

    while ids := perform(lease_jobs, now=timezone.now()):
        for pk in ids:
            runner.work(pk)


# The visible elements that end beyond the window's edge, outermost first.
WHAT_STICKS_OUT = """
[...document.querySelectorAll("body *")]
    .filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > innerWidth)
    .map((it) => it.cloneNode(false).outerHTML + it.textContent.trim().slice(0, 40))
    .slice(0, 12)
"""


class Visitor:
    """A signed-in owner in one browser context, who notices every complaint of the browser."""

    def __init__(self, chromium, base, language, width=1280):
        self.base = base
        self.context = chromium.new_context(viewport={"width": width, "height": 900})
        self.context.add_cookies([{"name": "django_language", "value": language, "url": base}])
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console",
            lambda m: (
                self.complaints.append(m.text)
                if m.type in {"error", "warning"} and not m.text.startswith(CUT_OFF)
                else None
            ),
        )
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on(
            "request",
            lambda r: None if r.url.startswith((base, "data:")) else self.complaints.append(r.url),
        )

    def sign_in(self):
        self.page.goto(f"{self.base}/accounts/login/")
        self.page.fill("[name=login]", "owner")
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(f"{self.base}/")

    def walk(self, paths, theme):
        """Open each page in a theme, wide and narrow: it is there, accessible and fits the screen."""
        page = self.page
        page.emulate_media(color_scheme=theme)
        self.sign_in()
        for path in paths:
            page.set_viewport_size({"width": 1440, "height": 900})
            answer = page.goto(self.base + path)
            assert answer.status == 200, path
            page.wait_for_load_state("networkidle")
            self.is_accessible()
            for width in (1440, 768, 360):
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, (path, width, wide, page.evaluate(WHAT_STICKS_OUT))
        assert self.complaints == []
        self.context.close()

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def is_accessible(self):
        results = Axe().run(self.page)
        serious = [
            v for v in results.response["violations"] if v["impact"] in {"serious", "critical"}
        ]
        assert not serious, [
            (self.page.url, v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious
        ]
