"""Replays client_requests.tsv: the server accepts the parameters that the clients of OpenSearch and AWS send with each call. The clients themselves run in test/clients."""

import pathlib
import re

import pytest
from server_fixtures import Connection, local_server

TABLE = pathlib.Path(__file__).resolve().parent / "client_requests.tsv"


def lines():
    for number, line in enumerate(TABLE.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            parts = line.split("\t")
            assert len(parts) == 6, f"{TABLE.name}:{number} has {len(parts)} columns"
            yield number, *parts


@pytest.fixture(scope="module")
def client_server(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("client_requests")
    running = local_server.LocalServer(binary, folder / "data", log=folder / "server.log")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def connection(client_server):
    return Connection(client_server.url)


@pytest.mark.parametrize("number,client,method,path,headers,body,status", list(lines()),
                         ids=[f"{line[1]}-{line[0]}" for line in lines()])
def test_request_of_a_client_is_accepted(connection, number, client, method, path, headers, body, status):
    # A value may have "; ", too: it ends before the name of the next header.
    fields = {} if headers == "-" else dict(pair.split(": ", 1) for pair in re.split(r"; (?=[A-Za-z0-9-]+: )", headers))
    fields = {name.title(): value for name, value in fields.items()}  # replaces the default of Connection
    data = b"" if body == "-" else body.replace("%%0A", "\n").encode()
    got, _, text = connection.request(method, path, data, fields)
    assert got == int(status), f"{TABLE.name}:{number}: {got} {text}"


def test_empty_lines_in_front_of_a_request_are_ignored(client_server):
    import socket
    host, port = client_server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"\r\n\r")
        raw.sendall(b"\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while chunk := raw.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]
