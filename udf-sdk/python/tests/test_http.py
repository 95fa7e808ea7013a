"""Requests to web servers: answered by a function, and by a server of this machine."""

import math
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from anabranch_udf import http
from anabranch_udf.http import HTTPError, Request, Response
from anabranch_udf.testing import answers

URL = "https://example.com/"


def sent(*arguments, **options) -> Request:
    """What a request sends."""
    requests = []

    def answer(request):
        requests.append(request)
        return Response(200)

    with answers(answer):
        http.request(*arguments, **options)
    return requests[0]


def test_a_request_is_sent_as_it_is_meant():
    assert sent("GET", URL) == Request("GET", URL, {}, b"", None)
    request = sent("PUT", URL, headers={"X-Key": "k"}, body="Zürich", timeout=1.5)
    assert request == Request("PUT", URL, {"x-key": "k"}, "Zürich".encode(), 1.5)
    assert sent("POST", URL, body=memoryview(b"\0\xff")).body == b"\0\xff"
    assert sent("GET", URL, headers=[("A", "1"), ("a", "Zürich 😀")]).headers == {"a": "1, Zürich 😀"}
    with answers(lambda request: Response(200, body=request.method.encode())):
        assert [http.get(URL).text(), http.post(URL, body="").text()] == ["GET", "POST"]


def test_json_is_a_body_with_its_type_unless_another_is_given():
    request = sent("POST", URL, json={"a": [1, None]})
    assert (request.headers, request.body) == ({"content-type": "application/json"}, b'{"a": [1, null]}')
    request = sent("POST", URL, json=0, headers={"Content-Type": "application/ld+json"})
    assert (request.headers, request.body) == ({"content-type": "application/ld+json"}, b"0")


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("get", URL), {}, ValueError, "method is none of GET, HEAD, .*, PATCH$"),
        ((None, URL), {}, ValueError, "method is none"),
        (("GET", "/path"), {}, ValueError, "a scheme and a host"),
        (("GET", "http:///path"), {}, ValueError, "a scheme and a host"),
        (("GET", "http://example.com/a b"), {}, ValueError, "urllib.parse.quote"),
        (("GET", "http://example.com/é"), {}, ValueError, "urllib.parse.quote"),
        (("GET", b"http://example.com/"), {}, TypeError, None),
        (("GET", URL), {"headers": {"a b": ""}}, ValueError, "a header of the request is called \"a b\""),
        (("GET", URL), {"headers": {"A": "secret\n"}}, ValueError, "^the value of .* `a` has control characters$"),
        (("GET", URL), {"headers": {"a": "\ud800"}}, ValueError, "surrogates"),
        (("GET", URL), {"headers": {"a": None}}, TypeError, "`a` is no text, but a NoneType"),
        (("GET", URL), {"headers": 5}, TypeError, None),
        (("POST", URL), {"body": 0}, TypeError, "bytes-like"),
        (("POST", URL), {"body": b"", "json": 1}, TypeError, "not both"),
        (("POST", URL), {"json": math.nan}, ValueError, "JSON"),
        (("GET", URL), {"timeout": 0}, ValueError, "seconds above 0, not 0"),
        (("GET", URL), {"timeout": "1"}, TypeError, None),
        (("GET", URL), {"header": {}}, TypeError, "header"),
    ],
)
def test_a_wrong_request_is_not_sent(arguments, options, error, said):
    with answers(lambda request: pytest.fail("it was sent")), pytest.raises(error, match=said):
        http.request(*arguments, **options)


def test_a_response_has_its_headers_in_lower_case():
    assert Response(200, {"Content-Type": "text/plain"}).headers == {"content-type": "text/plain"}
    assert Response(200, [("X", "1"), ("x", "2")]).headers == {"x": "1, 2"}


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        (None, b"Z\xc3\xbcrich\xff", "Zürich\ufffd"),
        ("text/plain", "Zürich".encode(), "Zürich"),
        ("text/plain; charset=ISO-8859-1", b"Z\xfcrich", "Zürich"),
        ('text/plain;Charset="windows-1252"; x', b"\x80 5", "€ 5"),
        ("text/plain; charset=hex", "Zürich".encode(), "Zürich"),
        ("text/plain; charset=nothing\0such", "Zürich".encode(), "Zürich"),
        ("text/plain; charset=undefined", "Zürich".encode(), "Zürich"),
    ],
)
def test_a_text_is_in_the_charset_that_is_told(content_type, body, text):
    assert Response(200, {"content-type": content_type} if content_type else {}, body).text() == text


def test_a_response_in_json():
    assert Response(200, body=b'\xef\xbb\xbf{"a": [1, null]}').json() == {"a": [1, None]}
    with pytest.raises(ValueError):
        Response(200, body=b"]").json()


def test_a_status_of_400_and_more_may_be_an_error():
    response = Response(302)
    assert response.raise_for_status() is response
    with pytest.raises(HTTPError, match="^the response has the status 404$"):
        Response(404).raise_for_status()


def test_without_a_response_there_is_an_error():
    def refuse(request):
        raise HTTPError("refused")

    with answers(refuse), pytest.raises(OSError, match="^refused$") as caught:
        http.get(URL)
    # What stands behind it is not of who asked.
    assert caught.traceback[-1].name == "request"


class Handler(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self):
        said = self.rfile.read(int(self.headers.get("content-length", 0)))
        names = ("x-key", "content-type")
        told = [self.command, self.path, *(self.headers.get(name, "-") for name in names), said.decode()]
        self.send_response(302 if self.path.startswith("/elsewhere") else 418)
        self.send_header("Location", "/")
        self.send_header("X-Said", "one")
        self.send_header("X-Said", "two")
        self.end_headers()
        self.wfile.write("|".join(told).encode())

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_natively_requests_go_over_the_network(server):
    response = http.get(f"{server}/a%20b?c=d#e", headers={"X-Key": "k"}, timeout=30)
    assert (response.status, response.text()) == (418, "GET|/a%20b?c=d|k|-|")
    assert response.headers["x-said"] == "one, two"
    assert http.post(f"{server}?c", json=[1]).text() == "POST|/?c|-|application/json|[1]"
    # As in a component, a redirect is a response.
    assert http.get(f"{server}/elsewhere").status == 302


def test_natively_a_server_that_is_not_there_is_an_error(server):
    with HTTPServer(("127.0.0.1", 0), Handler) as gone:
        address = f"http://127.0.0.1:{gone.server_port}/"
    with pytest.raises(HTTPError, match=f"^no response to GET {re.escape(address)}: .*refused"):
        http.get(address)


def test_no_component_has_what_only_tests_need():
    names = ("http", "socket", "ssl", "urllib")
    check = f"import sys, anabranch_udf; sys.exit(any(name in sys.modules for name in {names}))"
    folder = Path(http.__file__).parents[1]
    assert subprocess.run([sys.executable, "-S", "-c", check], cwd=folder).returncode == 0
