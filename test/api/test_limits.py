"""Limits and access: sizes, nesting, many and slow clients, credentials.

These tests start their own servers; the limits are those of src/base/limits.h and src/net/server.h.
"""

import base64
import gzip
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest
from server_fixtures import Connection, local_server

MEGABYTE = 1 << 20
BODY_LIMIT = 100 * MEGABYTE
DEPTH_LIMIT = 64
HEADER_TIMEOUT_SECONDS = 15


@pytest.fixture(scope="module")
def own_server(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("limits")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log")
    c = Connection(running.url)
    assert c.json("PUT", "/items/_doc/1?refresh=true", {"title": "가벼운 체어", "price": 3})[0] == 201
    yield running
    code = running.stop()
    assert code == 0, f"SIGTERM gave exit code {code}:\n{running.output()[-3000:]}"


@pytest.fixture
def raw(own_server):
    """Opens plain sockets to the server; all are closed at the end."""
    opened = []
    address = urllib.parse.urlsplit(own_server.url)

    def connect(timeout=30):
        opened.append(socket.create_connection((address.hostname, address.port), timeout=timeout))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def read_head(sock):
    """(status, bytes read) of the answer; the status is 0 if the server closed the connection without an answer."""
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            piece = sock.recv(65536)
            if not piece:
                break
            data += piece
    except ConnectionResetError:
        pass
    found = re.match(rb"HTTP/1\.1 (\d{3})", data)
    return (int(found.group(1)) if found else 0), data


def still_answers(server):
    assert Connection(server.url).json("GET", "/items/_doc/1")[0] == 200


# --- Sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/items/_doc/2", "/_bulk", "/events", "/_trine/events", "/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke"])
def test_rejects_large_bodies_before_reading_them(raw, own_server, path):
    sock = raw()
    sock.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {BODY_LIMIT + 1}\r\n\r\n".encode())
    status, data = read_head(sock)
    assert status == 413, data[:300]
    still_answers(own_server)


def test_stops_reading_chunked_bodies_at_the_limit(raw, own_server):
    sock = raw()
    sock.sendall(b"POST /_bulk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"100000\r\n" + b" " * MEGABYTE + b"\r\n"
    sent = 0
    try:
        for sent in range(1, 131):
            sock.sendall(chunk)
    except OSError:
        pass  # the server answered and closed the connection
    status, data = read_head(sock)
    # The answer may be lost if bytes are in flight, but the server must not have read the whole body.
    assert status in (413, 0), data[:300]
    assert status == 413 or sent < 130
    still_answers(own_server)


def test_rejects_gzip_bombs(own_server):
    bomb = gzip.compress(b" " * (BODY_LIMIT + MEGABYTE), 9)
    assert len(bomb) < MEGABYTE
    status, _, text = Connection(own_server.url).request("POST", "/_bulk", bomb, {"Content-Encoding": "gzip", "Content-Type": "application/x-ndjson"})
    assert status == 413, text[:300]
    still_answers(own_server)


def test_accepts_bodies_below_the_limit(own_server):
    line = json.dumps({"index": {"_index": "large"}}) + "\n" + json.dumps({"text": "x" * 30_000}) + "\n"
    body = line * (20 * MEGABYTE // len(line))
    status, _, text = Connection(own_server.url).request("POST", "/_bulk", body, {"Content-Type": "application/x-ndjson"})
    assert status == 200 and json.loads(text)["errors"] is False, text[:300]
    assert Connection(own_server.url).json("DELETE", "/large")[0] == 200


def test_limits_the_size_of_answers(own_server):
    c = Connection(own_server.url)
    assert c.json("PUT", "/big/_doc/1", {"text": ["x" * 30_000] * 170, "n": 1})[0] == 201  # 5 MB
    def get(times, parameters=""):
        return c.request("POST", f"/big/_mget{parameters}", json.dumps({"ids": ["1"] * times}))
    status, _, text = get(60)
    assert status == 413 and str(256 * MEGABYTE) in text and "content_too_long_exception" in text, text[:300]
    status, _, text = get(8, "?filter_path=docs._source.n")
    assert status == 413 and "filter_path" in text and str(32 * MEGABYTE) in text, text[:300]
    status, _, text = get(2, "?filter_path=docs._source.n")
    assert status == 200 and json.loads(text) == {"docs": [{"_source": {"n": 1}}] * 2}
    status, _, text = get(8, "?pretty")
    assert status == 200 and len(json.loads(text)["docs"]) == 8 and "\n" not in text, "an answer that is too long to be indented is returned as it is"
    assert c.json("DELETE", "/big")[0] == 200


def test_limits_the_memory_of_open_scrolls(own_server):
    c = Connection(own_server.url)
    body = {"query": {"match_all": {}}, "_source": ["x" * (17 * MEGABYTE)]}
    status, first = c.json("POST", "/items/_search?scroll=1d", body)
    assert status == 200, first
    status, second = c.json("POST", "/items/_search?scroll=1d", body)
    assert status == 429 and second["error"]["root_cause"][0]["type"] == "rejected_execution_exception", second
    assert "scroll contexts" in second["error"]["root_cause"][0]["reason"]
    assert c.json("DELETE", "/_search/scroll", {"scroll_id": first["_scroll_id"]})[0] == 200
    status, third = c.json("POST", "/items/_search?scroll=1m", body)
    assert status == 200 and c.json("DELETE", "/_search/scroll", {"scroll_id": third["_scroll_id"]})[0] == 200


@pytest.mark.parametrize("chain", [{"char_filter": [{"type": "mapping", "mappings": ["a=>" + "b" * 10_000]}]},
                                   {"char_filter": [{"type": "pattern_replace", "pattern": "a", "replacement": "$0" * 1000}]},
                                   {"char_filter": [{"type": "pattern_replace", "pattern": "a+", "replacement": "$0$0"}] * 30}])
def test_limits_the_token_length_of_analysis_chains(own_server, chain):
    c = Connection(own_server.url)
    status, answer = c.json("POST", "/_analyze", {**chain, "tokenizer": "keyword", "text": "a" * 10_000})
    assert status == 200 and len(answer["tokens"]) == 1
    assert len(answer["tokens"][0]["token"]) <= 100_000 and answer["tokens"][0]["end_offset"] == 10_000
    still_answers(own_server)


def test_limits_the_size_of_analyze_answers(own_server):
    chain = {"char_filter": [{"type": "mapping", "mappings": ["a=>" + "b" * 10_000]}], "tokenizer": "keyword"}
    status, answer = Connection(own_server.url).json("POST", "/_analyze", {**chain, "text": ["a" * 10_000] * 440})
    assert status == 400 and "exceeded the allowed maximum" in answer["error"]["reason"]


def test_rejects_headers_above_the_limit(raw, own_server):
    sock = raw()
    try:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * (70 << 10) + b"\r\n\r\n")
    except OSError:
        pass
    status, data = read_head(sock)
    assert status == 431, data[:300]
    still_answers(own_server)


def test_accepts_many_headers_below_the_limit(own_server):
    headers = {f"X-Header-{n}": "v" * 100 for n in range(90)}
    assert Connection(own_server.url).request("GET", "/", None, headers)[0] == 200


@pytest.mark.parametrize("line", [b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n",
                                  b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
                                  b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
                                  b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                                  b"POST /_bulk HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"])
def test_rejects_requests_that_are_not_http(raw, own_server, line):
    sock = raw(timeout=10)
    sock.sendall(line)
    status, data = read_head(sock)
    assert status == 0 or 400 <= status < 500 or status == 505, data[:300]
    still_answers(own_server)


# --- Nesting and clauses -------------------------------------------------------------------------


def nested_query(depth):
    query = {"match_all": {}}
    for _ in range(depth):
        query = {"bool": {"must": query}}
    return {"query": query}


def test_limits_nesting(own_server):
    c = Connection(own_server.url)
    assert c.json("POST", "/items/_search", nested_query(8))[0] == 200
    assert c.json("POST", "/items/_search", nested_query(DEPTH_LIMIT))[0] == 400
    assert c.request("POST", "/items/_search", "[" * 1_000_000)[0] == 400
    assert c.request("POST", "/items/_doc/3", '{"a":' * 25 + "1" + "}" * 25)[0] == 400
    assert c.request("POST", "/_trine/ask", '{"a":' * 1000 + "1" + "}" * 1000)[0] == 400


def test_limits_the_number_of_clauses(own_server):
    c = Connection(own_server.url)
    many = {"query": {"bool": {"should": [{"term": {"price": n}} for n in range(1024)]}}}
    assert c.json("POST", "/items/_search", many)[0] == 200
    many["query"]["bool"]["should"].append({"term": {"price": 1024}})
    status, answer = c.json("POST", "/items/_search", many)
    assert status == 400 and "too_many_clauses" in json.dumps(answer)


# --- Many and slow clients -----------------------------------------------------------------------


def test_holds_a_thousand_idle_connections(raw, own_server):
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    for _ in range(1000):
        raw()
    began = time.monotonic()
    still_answers(own_server)
    assert Connection(own_server.url).json("POST", "/items/_search", {"query": {"match": {"title": "체어"}}})[0] == 200
    assert time.monotonic() - began < 5


def test_closes_slow_clients_without_delaying_others(raw, own_server):
    """A client that sends one byte per second is closed: its head must be complete within the header timeout."""
    sock = raw(timeout=HEADER_TIMEOUT_SECONDS + 20)
    sock.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    began = time.monotonic()
    stop = threading.Event()

    def drip():
        try:
            while not stop.wait(1):
                sock.sendall(b"a")
        except OSError:
            pass

    thread = threading.Thread(target=drip)
    thread.start()
    still_answers(own_server)
    try:
        status, _ = read_head(sock)
    finally:
        stop.set()
        thread.join()
    took = time.monotonic() - began
    assert status in (0, 408)
    assert took < HEADER_TIMEOUT_SECONDS + 10, f"a client that never ends its head was only closed after {took:.0f} s"


def test_burst_gets_200_or_429(own_server):
    """Sends more concurrent requests than a pool and its queue hold: each gets 200 or 429, and none hangs."""
    statuses, lock = [], threading.Lock()
    start = threading.Barrier(40)

    def client():
        c = Connection(own_server.url)
        start.wait()
        mine = [c.json("POST", "/_trine/ask", {"question": "가벼운 체어", "index": "items"})[0] for _ in range(10)]
        with lock:
            statuses.extend(mine)

    threads = [threading.Thread(target=client) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(statuses) == 400 and set(statuses) <= {200, 429}, {s: statuses.count(s) for s in set(statuses)}
    still_answers(own_server)


# --- Access without credentials ------------------------------------------------------------------


@pytest.mark.parametrize("headers,status", [({"Host": "localhost:9200"}, 200), ({"Host": "127.0.0.1"}, 200), ({"Host": "[::1]:9200"}, 200),
                                            ({"Host": "127.1.2.3"}, 200), ({"Host": "example.com"}, 403), ({"Host": "localhost.evil.com"}, 403),
                                            ({"Host": "127.0.0.1.evil.com"}, 403), ({"Origin": "http://localhost:3000"}, 200),
                                            ({"Origin": "https://example.com"}, 403), ({"Origin": "null"}, 403)])
def test_checks_host_and_origin(own_server, headers, status):
    assert Connection(own_server.url).request("GET", "/", None, headers)[0] == status


def serve(binary, folder, *options, env=None):
    command = [str(binary), "serve", "--data-dir", str(folder / "data"), "--port", "0", *options]
    return subprocess.run(command, capture_output=True, timeout=30, text=True, env={**os.environ, **(env or {})})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_non_loopback_address_requires_credentials(binary, tmp_path, host):
    done = serve(binary, tmp_path, "--host", host)
    assert done.returncode == 2, done.stderr
    assert "--credentials" in done.stderr
    assert not (tmp_path / "data").exists(), "the server created the data directory before it checked its options"


def test_non_loopback_address_requires_tls(binary, tmp_path):
    done = serve(binary, tmp_path, "--host", "0.0.0.0", "--credentials", str(write_credentials(tmp_path)))
    assert done.returncode == 2, done.stderr
    assert "--tls-cert" in done.stderr


def test_rejects_invalid_options(binary, tmp_path):
    for options in (["--nonsense"], ["--port", "many"], ["--port", "70000"], ["--tls-cert", "x.pem"]):
        done = serve(binary, tmp_path, *options)
        assert done.returncode == 2, (options, done.stderr)
        assert "trine: error:" in done.stderr, options


# --- Access with credentials ---------------------------------------------------------------------

CREDENTIALS = {"keys": [{"access_key": "AKIDADMIN", "secret_key": "secret-of-admin"}, {"access_key": "AKIDREAD", "secret_key": "secret-of-reader", "role": "read"}],
               "users": [{"name": "admin", "password": "a:b c"}, {"name": "writer", "password": "w", "role": "write"}],
               "tokens": [{"name": "app", "token": "token-of-app", "role": "read"},
                          {"name": "web", "token": "token-of-web", "role": "public", "origins": ["https://shop.example"]}]}


def write_credentials(folder, content=CREDENTIALS, mode=0o600):
    path = folder / "credentials.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content,mode,word", [(CREDENTIALS, 0o644, "chmod 600"), (CREDENTIALS, 0o640, "chmod 600"), ("{broken", 0o600, "credentials"),
                                               ("", 0o600, "credentials"), ({}, 0o600, "no entries"), ({"keys": []}, 0o600, "no entries"),
                                               ({"nonsense": []}, 0o600, "nonsense"), ({"users": [{"name": "a"}]}, 0o600, "password"),
                                               ({"users": [{"name": "a", "password": ""}]}, 0o600, "password"),
                                               ({"users": [{"name": "a", "password": "x", "role": "king"}]}, 0o600, "role"),
                                               ({"users": [{"name": "a", "password": "x"}, {"name": "a", "password": "y"}]}, 0o600, "twice")])
def test_rejects_unusable_credentials_files(binary, tmp_path, content, mode, word):
    done = serve(binary, tmp_path, "--credentials", str(write_credentials(tmp_path, content, mode)))
    assert done.returncode in (1, 2), done.stderr
    assert word in done.stderr and "password\": \"" not in done.stderr


def test_accepts_a_symbolic_link_to_credentials(binary, tmp_path):
    target = write_credentials(tmp_path)
    link = tmp_path / "link.json"
    link.symlink_to(target)
    # With valid credentials, the server continues and fails at the data directory.
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "other").write_text("x")
    assert "not a Trine data directory" in serve(binary, tmp_path, "--credentials", str(link)).stderr
    target.chmod(0o604)
    done = serve(binary, tmp_path, "--credentials", str(link))
    assert done.returncode in (1, 2) and "chmod 600" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a file")
def test_rejects_credentials_of_another_user(binary, tmp_path):
    path = write_credentials(tmp_path)
    os.chown(path, 12345, -1)
    done = serve(binary, tmp_path, "--credentials", str(path))
    assert done.returncode in (1, 2) and "belongs to user 12345" in done.stderr, done.stderr


def test_rejects_large_credentials_files(binary, tmp_path):
    path = write_credentials(tmp_path, json.dumps(CREDENTIALS) + " " * MEGABYTE)
    done = serve(binary, tmp_path, "--credentials", str(path))
    assert done.returncode in (1, 2) and "1 MiB" in done.stderr, done.stderr


def test_rejects_a_missing_credentials_file(binary, tmp_path):
    done = serve(binary, tmp_path, "--credentials", str(tmp_path / "nothere.json"))
    assert done.returncode in (1, 2) and "nothere.json" in done.stderr


@pytest.fixture(scope="module")
def guarded(binary, tmp_path_factory):
    """A server with credentials. LocalServer cannot start it, because it waits for a 200 without sending credentials."""
    folder = tmp_path_factory.mktemp("guarded")
    log = folder / "server.log"
    with open(log, "wb") as out:
        process = subprocess.Popen([str(binary), "serve", "--data-dir", str(folder / "data"), "--port", "0", "--credentials", str(write_credentials(folder))],
                                   stdout=out, stderr=subprocess.STDOUT)
    until = time.monotonic() + 60
    found = None
    while not found and time.monotonic() < until and process.poll() is None:
        found = re.search(r"at (http://127\.0\.0\.1:\d+)\n", log.read_text())
        time.sleep(.02)
    assert found, log.read_text()
    url = found.group(1)
    admin = Connection(url)
    basic = {"Authorization": "Basic " + base64.b64encode(b"admin:a:b c").decode()}
    assert admin.request("PUT", "/items/_doc/1?refresh=true", '{"title": "x"}', basic)[0] == 201
    yield url
    process.terminate()
    assert process.wait(30) == 0, log.read_text()[-2000:]
    for secret in ("secret-of-admin", "token-of-app", "a:b c"):
        assert secret not in log.read_text(), "a secret is in the log"


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


BEARER_APP, BEARER_WEB = {"Authorization": "Bearer token-of-app"}, {"Authorization": "Bearer token-of-web"}


@pytest.mark.parametrize("method,path,body,headers,status", [
    ("GET", "/", None, {}, 401), ("GET", "/items/_search", None, {}, 401), ("GET", "/_trine/health", None, {}, 401), ("GET", "/_trine/metrics", None, {}, 401),
    ("GET", "/", None, basic("admin", "a:b c"), 200), ("GET", "/", None, basic("admin", "wrong"), 401), ("GET", "/", None, basic("nobody", "a:b c"), 401),
    ("GET", "/", None, {"Authorization": "Basic %%%"}, 401), ("GET", "/", None, {"Authorization": "Basic"}, 401), ("GET", "/", None, {"Authorization": "Nonsense x"}, 401),
    ("GET", "/", None, BEARER_APP, 200), ("GET", "/", None, {"Authorization": "Bearer wrong"}, 401), ("GET", "/", None, {"Authorization": "Bearer "}, 401),
    ("GET", "/items/_search", None, BEARER_APP, 200), ("PUT", "/items/_doc/2", "{}", BEARER_APP, 403), ("DELETE", "/items", None, BEARER_APP, 403),
    ("PUT", "/_search/pipeline/p", "{}", BEARER_APP, 403), ("PUT", "/items/%5fdoc/2", "{}", BEARER_APP, 403), ("GET", "/_trine/metrics", None, BEARER_APP, 403),
    ("PUT", "/items/_doc/2", "{}", basic("writer", "w"), 201), ("DELETE", "/items", None, basic("writer", "w"), 403), ("PUT", "/other", "{}", basic("writer", "w"), 403),
    ("POST", "/_trine/ask", '{"question": "x", "index": "items"}', BEARER_WEB, 200), ("GET", "/items/_search", None, BEARER_WEB, 403),
    ("POST", "/_trine/ask", '{"question": "x", "index": "items"}', {**BEARER_WEB, "Origin": "https://shop.example"}, 200),
    ("POST", "/_trine/ask", '{"question": "x", "index": "items"}', {**BEARER_WEB, "Origin": "https://other.example"}, 403),
    ("GET", "/", None, {**basic("admin", "a:b c"), "Host": "search.shop.example"}, 200),
    ("PUT", "/_search/%70ipeline/p", "{}", BEARER_APP, 403), ("DELETE", "/_search/%70ipeline/p", None, basic("writer", "w"), 403), ("GET", "/%5fsearch/pipeline", None, BEARER_APP, 403),
    ("GET", "/items/%5fsearch", None, BEARER_APP, 200), ("POST", "/_trine/%61sk", '{"question": "x", "index": "items"}', BEARER_WEB, 200), ("POST", "/_trine/%70repare", "{}", BEARER_APP, 403),
    ("POST", "/_trine/ask", '{"question": "x", "index": "items", "filter": {"match_all": {}}}', BEARER_WEB, 403),
    ("POST", "/_trine/ask", '{"question": "x", "index": "items", "filter": {"match_all": {}}}', BEARER_APP, 200),
    ("POST", "/_trine/items", '{"dataset_group": "unmade", "items": []}', BEARER_APP, 403), ("POST", "/_trine/items", '{"dataset_group": "unmade", "items": []}', BEARER_WEB, 403),
    ("POST", "/_trine/users", '{"dataset_group": "unmade", "users": [{"id": "u"}]}', basic("writer", "w"), 404)])
def test_checks_passwords_and_tokens(guarded, method, path, body, headers, status):
    got, _, text = Connection(guarded).request(method, path, body, headers)
    assert got == status, text[:300]


def test_only_administrators_create_dataset_groups(guarded):
    event = {"user_id": "u", "item_id": "i", "event_type": "View"}
    def send(headers, **more):
        return Connection(guarded).request("POST", "/_trine/events", json.dumps({"dataset_group": "by-admin", "create": True, "events": [event], **more}), headers)
    for headers in (BEARER_WEB, basic("writer", "w")):
        got, _, text = send(headers)
        assert got == 403 and "administrator" in text, text
    assert send(basic("admin", "a:b c"), events=[event, {"user_id": 5}])[0] == 400
    assert Connection(guarded).request("POST", "/_trine/events", json.dumps({"dataset_group": "by-admin", "events": [event]}), BEARER_WEB)[0] == 404, "a rejected body creates no group"
    assert send(basic("admin", "a:b c"))[0] == 200
    assert send(BEARER_WEB)[0] == 200, "the group exists, so create has no effect"


@pytest.mark.parametrize("headers,status", [
    ({}, 200), ({"Sec-Fetch-Site": "none"}, 200), ({"Sec-Fetch-Site": "same-origin"}, 200), ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:3000"}, 200), ({"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}, 403)])
def test_rejects_cross_site_requests_without_credentials(own_server, headers, status):
    assert Connection(own_server.url).request("GET", "/_trine/health", None, headers)[0] == status


def test_401_reports_the_authentication_scheme(guarded):
    _, headers, _ = Connection(guarded).request("GET", "/items/_search")
    assert {k.lower(): v for k, v in headers.items()}["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("origin,status", [("https://shop.example", 204), ("https://other.example", 403)])
def test_preflight_allows_known_origins_only(guarded, origin, status):
    got, headers, _ = Connection(guarded).request("OPTIONS", "/_trine/ask", None, {"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert got == status
    assert (headers.get("access-control-allow-origin") == origin) == (status == 204)


def client(url, service, key, secret):
    import boto3
    from botocore.config import Config
    return boto3.client(service, endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret, region_name="ap-northeast-2",
                        config=Config(retries={"max_attempts": 0}))


def test_verifies_signatures(guarded):
    from botocore.exceptions import ClientError
    made = client(guarded, "personalize", "AKIDADMIN", "secret-of-admin").create_dataset_group(name="signed")
    assert made["datasetGroupArn"].startswith("arn:aws:personalize:ap-northeast-2:"), "a new ARN contains the region of the signature"
    assert client(guarded, "personalize", "AKIDADMIN", "secret-of-admin").list_dataset_groups()["datasetGroups"]
    for key, secret, code in (("AKIDADMIN", "wrong", "InvalidSignatureException"), ("AKIDOTHER", "secret-of-admin", "UnrecognizedClientException"),
                              ("AKIDREAD", "secret-of-reader", "AccessDeniedException")):
        with pytest.raises(ClientError) as caught:
            client(guarded, "personalize", key, secret).create_dataset_group(name="rejected")
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_rejects_signatures_for_another_body(guarded):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    url = guarded + "/"
    body = json.dumps({"name": "tampered"})
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"})
    SigV4Auth(Credentials("AKIDADMIN", "secret-of-admin"), "personalize", "us-east-1").add_auth(request)
    headers = dict(request.headers.items())
    assert Connection(guarded).request("POST", "/", body.replace("tampered", "tempered"), headers)[0] == 403
    assert Connection(guarded).request("POST", "/", body, headers)[0] == 200


def test_rejects_old_signatures(guarded):
    import datetime
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    class Old(SigV4Auth):
        def _modify_request_before_signing(self, request):
            request.context["timestamp"] = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)).strftime("%Y%m%dT%H%M%SZ")
            super()._modify_request_before_signing(request)

    request = AWSRequest("POST", guarded + "/", data="{}", headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonPersonalize.ListSchemas"})
    Old(Credentials("AKIDADMIN", "secret-of-admin"), "personalize", "us-east-1").add_auth(request)
    status, _, text = Connection(guarded).request("POST", "/", "{}", dict(request.headers.items()))
    assert status == 403, text
