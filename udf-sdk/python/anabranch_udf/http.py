"""Requests to web servers, for functions that are granted them.

    from anabranch_udf import http

    name = http.get(f"https://api.example.com/customers/{number}").raise_for_status().json()["name"]

A function waits for the response. Whatever its status is, it is a response; redirects are not followed. Where there is
none, an `HTTPError` says why.
"""

from __future__ import annotations

# Bodies may be in these, and in a component nothing can be imported when they come.
import encodings.cp1252  # noqa: F401
import encodings.utf_8_sig  # noqa: F401
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from json import dumps, loads
from typing import Any


class HTTPError(OSError):
    """There is no response, or it tells of an error."""


@dataclass(frozen=True)
class Request:
    """A request as it is sent: headers by their names in lower case, the time limit in seconds."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    timeout: float | None


@dataclass(frozen=True)
class Response:
    """What a server answers. Headers are by their names in lower case; several of one name are joined by commas."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __post_init__(self) -> None:
        # A host gives pairs, and a test may write names as it likes.
        object.__setattr__(self, "headers", _joined(_pairs(self.headers)))

    def text(self) -> str:
        """The body as a text, with U+FFFD for what is none."""
        charset = re.search(r"""charset\s*=\s*["']?([^\s"';,]+)""", self.headers.get("content-type", ""), re.IGNORECASE)
        try:
            return self.body.decode(charset[1] if charset else "utf-8", "replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """What the body says in JSON. Raises a ValueError where it is none."""
        return loads(self.body)

    def raise_for_status(self) -> Response:
        """The response itself. Raises an `HTTPError` where its status, of 400 or more, tells of an error."""
        if self.status >= 400:
            raise HTTPError(f"the response has the status {self.status}")
        return self


def get(url: str, **options: Any) -> Response:
    """A request that only reads; `options` as of `request`."""
    return request("GET", url, **options)


def post(url: str, **options: Any) -> Response:
    """A request with a body; `options` as of `request`."""
    return request("POST", url, **options)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    body: bytes | bytearray | memoryview | str | None = None,
    json: Any = None,
    timeout: float | None = None,
) -> Response:
    """Sends a request and waits for the whole response, for so many seconds at the most.

    `body` is bytes, or a text that is sent in UTF-8; `json` in its place is any value.

    Raises an `HTTPError` where there is no response; a `TypeError` or `ValueError` where the request is none.
    """
    if method not in _METHODS:
        raise ValueError(f"the request's method is none of {', '.join(_METHODS)}")
    if not _SCHEME_AND_HOST.match(url):
        raise ValueError("the request's URL does not begin with a scheme and a host, as https://example.com/path does")
    if not _ASCII.fullmatch(url):
        raise ValueError("the request's URL has characters that are to be escaped, as urllib.parse.quote does")
    joined = _joined([_checked(name, value) for name, value in _pairs(headers or {})])
    if json is not None:
        if body is not None:
            raise TypeError("a request has a `body` or `json`, not both")
        body = dumps(json, allow_nan=False)
        joined.setdefault("content-type", "application/json")
    content = body.encode() if isinstance(body, str) else bytes(memoryview(b"" if body is None else body))
    if timeout is not None and not timeout > 0:
        raise ValueError(f"the request's timeout is a number of seconds above 0, not {timeout}")
    try:
        return transport(Request(method, url, joined, content, timeout))
    except HTTPError as error:
        # Of the line that asked, and not of what is behind `transport`.
        raise error.with_traceback(None)


# What is checked here, a host checks too; but so the tests of a function find it.
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
_SCHEME_AND_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#:]")
_ASCII = re.compile(r"[!-~]*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _checked(name: str, value: str) -> tuple[str, str]:
    """A header. What is wrong with a value is said without it, as it may be a secret."""
    if not _NAME.fullmatch(name):
        raise ValueError(f'a header of the request is called "{name}", which is no header\'s name')
    if not isinstance(value, str):
        raise TypeError(f"the value of the request's header `{name.lower()}` is no text, but a {type(value).__name__}")
    if _CONTROL.search(value):
        raise ValueError(f"the value of the request's header `{name.lower()}` has control characters")
    # Nothing but UTF-8 reaches a host.
    value.encode()
    return name, value


def _pairs(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return headers.items() if isinstance(headers, Mapping) else headers


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _over_the_network(request: Request) -> Response:
    """Sends a request where there is no host: the time limit is of each wait then, not of all together."""
    if sys.platform == "wasi":
        raise HTTPError("a component sends no requests while it is built")
    # Not above, as this is large and no component has a use for it.
    import http.client
    from urllib.parse import urlsplit

    url = urlsplit(request.url)
    if url.scheme not in ("http", "https"):
        raise HTTPError(f"requests to {url.scheme} cannot be sent")
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.hostname or "", url.port, timeout=request.timeout)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = {name: value.encode() for name, value in request.headers.items()}
    try:
        connection.request(request.method, target, request.body or None, headers)
        response = connection.getresponse()
        return Response(response.status, response.getheaders(), response.read())
    except (OSError, http.client.HTTPException) as error:
        raise HTTPError(f"no response to {request.method} {request.url}: {error}") from error
    finally:
        connection.close()


#: What sends requests: a component's host, or `anabranch_udf.testing.answers`, puts itself here.
transport: Callable[[Request], Response] = _over_the_network
