"""An OpenID Connect provider on loopback that says what a test wants, also what no honest one would."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "virtaamo"


class Directory:
    """Serves discovery, keys and tokens. `page` and `reply` may be changed; `asked` lists what was asked for."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.page: dict[str, object] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        self.asked: list[str] = []
        self.codes: dict[str, tuple[str, str]] = {}  # code: challenge of PKCE, ID token
        self.status = 200
        self.keys = [self.new_key("first")]
        self.signs_with = self.keys[0]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead here."""
        return {"VIRTAAMO_OIDC_ISSUER": self.issuer, "VIRTAAMO_OIDC_CLIENT": CLIENT}

    def new_key(self, kid: str) -> RSAKey:
        """A fresh key."""
        return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})

    def rotate(self, kid: str) -> None:
        """Sign with a new key, and publish only that one."""
        self.signs_with = self.new_key(kid)
        self.keys = [self.signs_with]

    def sign_in(self, address: str, subject: str = "aino", **claims: object) -> dict[str, str]:
        """What the browser brings back from an address where `subject` has signed in; None leaves a claim out."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        now = int(time())
        said: dict[str, object] = {"iss": self.issuer, "sub": subject, "aud": CLIENT, "nonce": given["nonce"]}
        said |= {"iat": now, "exp": now + 300, "name": subject.title(), **claims}
        return self.hand_out(
            given, self.sign({name: value for name, value in said.items() if value is not None})
        )

    def sign(self, claims: Mapping[str, object]) -> str:
        """An ID token as it should be signed."""
        return jwt.encode({"alg": "RS256", "kid": self.signs_with.kid}, dict(claims), self.signs_with)

    def hand_out(self, given: Mapping[str, str], token: str) -> dict[str, str]:
        """A code for an ID token, good once."""
        assert given["response_type"] == "code"
        assert given["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = given["code_challenge"], token
        return {"code": code, "state": given["state"], "iss": self.issuer}

    def close(self) -> None:
        """Nobody answers any more."""
        self.server.shutdown()
        self.server.server_close()

    def reply(self, path: str, form: Mapping[str, list[str]]) -> dict[str, object]:
        """What is answered to a request."""
        if path == "/.well-known/openid-configuration":
            return self.page
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        challenge, token = self.codes.pop(form["code"][0], ("", ""))
        digest = sha256(form["code_verifier"][0].encode()).digest()
        if challenge != urlsafe_b64encode(digest).decode().rstrip("="):
            return {"error": "invalid_grant"}
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        directory = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                directory.asked.append(self.path)
                length = int(self.headers.get("content-length", 0))
                answer = directory.reply(self.path, parse_qs(self.rfile.read(length).decode()))
                self.send_response(400 if "error" in answer else directory.status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        return Handler
