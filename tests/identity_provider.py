"""An identity provider on loopback that speaks OpenID Connect, and the way through it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT_ID = "throughline"


class Provider(BaseHTTPRequestHandler):
    """An identity provider: where to ask, a token for any code, and who somebody is."""

    person: dict[str, object] = {}
    claims: dict[str, object] = {}  # of the token alone; None for what it does not state

    def do_GET(self):
        asked = urlsplit(self.path)
        if asked.path in {"/authorize", "/signed-in"}:
            self._send_on(asked.path, parse_qs(asked.query))
            return
        here = f"http://127.0.0.1:{self.server.server_port}"
        self._say(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo",
                "jwks_uri": f"{here}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
            if self.path.startswith("/.well-known/")
            else self.person
        )

    def _send_on(self, path, said):
        """Let whoever comes in at once, by a page of another of its own."""
        back = f"{said['redirect_uri'][0]}?{urlencode({'code': 'c', 'state': said['state'][0]})}"
        there = back if path == "/signed-in" else f"/signed-in?{urlsplit(self.path).query}"
        self.send_response(302)
        self.send_header("Location", there)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        here = f"http://127.0.0.1:{self.server.server_port}"
        now = int(time.time())
        stated = {"iss": here, "aud": CLIENT_ID, "exp": now + 60, "auth_time": now}
        stated |= self.person | self.claims
        claims = {name: value for name, value in stated.items() if value is not None}
        self._say(
            {
                "access_token": "t",
                "token_type": "Bearer",
                "id_token": jwt.encode(claims, "k" * 32, algorithm="HS256"),
            }
        )

    def _say(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_given):
        return None


@contextmanager
def standing(settings: Any) -> Iterator[None]:
    """Have it stand, and the product know it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {
        "provider_id": "company",
        "name": "Merchant ID",
        "client_id": CLIENT_ID,
        "secret": "s",
        "settings": {"server_url": f"http://127.0.0.1:{server.server_port}"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    Provider.claims = {}
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def sign_in_there(browser, who, process="", **claims):
    """Follow the button, be that person at the provider, and come back."""
    Provider.person, Provider.claims = who, claims
    asked = browser.post(f"/accounts/oidc/company/login/?process={process}")
    return come_back(browser, asked)


def said_there(asked):
    """What the provider is told by the address that a page goes on to."""
    return parse_qs(urlsplit(asked.context["there"]).query)


def come_back(browser, asked):
    there = said_there(asked)
    assert there["code_challenge_method"] == ["S256"]
    back = urlsplit(there["redirect_uri"][0]).path
    return browser.get(back, {"code": "c", "state": there["state"][0]}, follow=True)
