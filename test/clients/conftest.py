"""A real server, a real S3 server, and the clients that people use. Each test module gets its own server.

TRINE_BINARY is the path of the program (default: build/release/trine).
"""

import os
import pathlib
import sys
import types

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "examples" / "programs"
SHOP = ROOT / "examples" / "shop"
sys.path.insert(0, str(PROGRAMS))
import local_server  # noqa: E402
import service_model  # noqa: E402

AWS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "ap-northeast-2"}


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("TRINE_BINARY", ROOT / "build" / "release" / "trine"))
    assert path.exists(), f"{path} does not exist: build it (./dev build) or set TRINE_BINARY"
    return path


@pytest.fixture(scope="session", autouse=True)
def environment():
    """Hides the AWS profile and keys of the account that runs the tests."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS, AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull,
                      AWS_EC2_METADATA_DISABLED="true")


@pytest.fixture(scope="session")
def s3_endpoint(environment):
    """moto's S3 server on a free loopback port."""
    from moto.server import ThreadedMotoServer
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def start_server(binary, folder, s3_endpoint):
    files = folder / "files"
    files.mkdir()
    server = local_server.LocalServer(binary, folder / "data", import_dirs=[SHOP, files], log=folder / "server.log",
                                      env={"AWS_ENDPOINT_URL_S3": s3_endpoint})
    server.files = files
    return server


@pytest.fixture(scope="module")
def server(binary, tmp_path_factory, s3_endpoint):
    """A fresh server with an empty data directory; SIGTERM at the end must give exit code 0."""
    running = start_server(binary, tmp_path_factory.mktemp("server"), s3_endpoint)
    yield running
    code = running.stop()
    assert code == 0, f"SIGTERM gave exit code {code}:\n{running.output()[-3000:]}"


@pytest.fixture(scope="module")
def clients(server):
    """personalize, runtime, events, bedrock, models (boto3) and search (opensearch-py) of the server."""
    import boto3
    from botocore.config import Config
    from opensearchpy import OpenSearch
    config = Config(retries={"max_attempts": 0}, read_timeout=120)
    names = {"personalize": "personalize", "runtime": "personalize-runtime", "events": "personalize-events",
             "bedrock": "bedrock-runtime", "models": "bedrock"}
    # Every answer that a test receives is checked against the service model.
    made = {name: boto3.client(service, endpoint_url=server.url, config=config) for name, service in names.items()}
    for client in made.values():
        service_model.watch(client)
    return types.SimpleNamespace(search=OpenSearch(hosts=[server.url], timeout=60, max_retries=0), **made)


@pytest.fixture(scope="module")
def shop_server(server):
    """The server with the sample shop loaded; tests must not change the shop."""
    import shop
    os.environ["AWS_ENDPOINT_URL"] = server.url
    try:
        shop.prepare(shop.Server(server.url), SHOP)
    finally:
        del os.environ["AWS_ENDPOINT_URL"]
    return server
