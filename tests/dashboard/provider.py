"""A provider of OpenID Connect on this machine, with one user who never needs to be asked."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "mainevahti", "a-secret-between-the-two"


class Provider:
    """Answers as a provider does; a code is the nonce that it was asked with."""

    def __init__(self, address: str, email: str) -> None:
        self._address, self._email = address, email
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})

    def routes(self) -> list[Route]:
        """All its addresses."""
        return [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]

    async def _metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._address,
                "authorization_endpoint": f"{self._address}/authorize",
                "token_endpoint": f"{self._address}/token",
                "jwks_uri": f"{self._address}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        told = urlencode({"code": asked["nonce"], "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{told}", status_code=302)

    async def _token(self, request: Request) -> Response:
        sent = request.headers["authorization"].removeprefix("Basic ")
        assert base64.b64decode(sent).decode() == f"{CLIENT}:{SECRET}"
        nonce = (await request.body()).decode().split("code=")[1].split("&")[0]
        now = int(time.time())
        claims = {"iss": self._address, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 600}
        told = {**claims, "nonce": nonce, "email": self._email, "email_verified": True}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, told, self._key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})


@contextmanager
def provider(port: int, email: str) -> Iterator[str]:
    """Serve a provider; gives the address of its metadata."""
    address = f"http://127.0.0.1:{port}"
    beside = Starlette(routes=Provider(address, email).routes())
    server = uvicorn.Server(uvicorn.Config(beside, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"{address}/.well-known/openid-configuration"
    finally:
        server.should_exit = True
        thread.join()
