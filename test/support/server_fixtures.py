"""Pytest fixtures for tests that talk plain HTTP to a real server. A conftest.py does `from server_fixtures import *`.

TRINE_BINARY is the path of the program (default: build/release/trine). Uses only pytest and the standard library.
"""

import http.client
import json
import os
import pathlib
import sys
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "programs"))
import local_server  # noqa: E402


class Connection:
    """One keep-alive connection. request() returns (status, headers, body text)."""

    def __init__(self, url):
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)

    def request(self, method, target, body=None, headers=None):
        data = body.encode() if isinstance(body, str) else body
        send = {"Content-Type": "application/json"} if data else {}
        self.http.request(method, target, body=data, headers={**send, **(headers or {})})
        answer = self.http.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def json(self, method, target, body=None, parse_float=float):
        """Sends a JSON request and returns (status, parsed body)."""
        text = None if body is None else json.dumps(body, ensure_ascii=False)
        status, _, answer = self.request(method, target, text)
        return status, json.loads(answer, parse_float=parse_float)


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("TRINE_BINARY", ROOT / "build" / "release" / "trine"))
    assert path.exists(), f"{path} does not exist: build it (./dev build) or set TRINE_BINARY"
    return path


@pytest.fixture(scope="session")
def server(binary, tmp_path_factory):
    """A fresh server with an empty data directory. After SIGTERM it must exit with code 0."""
    folder = tmp_path_factory.mktemp("server")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log")
    yield running
    code = running.stop()
    assert code == 0, f"exit code {code} after SIGTERM:\n{running.output()[-3000:]}"


@pytest.fixture(scope="module")
def connection(server):
    made = Connection(server.url)
    yield made
    made.http.close()
