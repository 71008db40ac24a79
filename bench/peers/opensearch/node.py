"""Installs and runs one OpenSearch node, to compare with."""

import contextlib
import glob
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import types
import urllib.error
import urllib.request
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
HOME = HERE.parents[2] / "build" / "peers"
VERSION = "3.1.0"
READY_SECONDS = 120


class Unavailable(Exception):
    """The node cannot be installed or started on this machine."""


def _java_home():
    """Returns the home of a JDK of version 21 or newer."""
    for release in sorted(glob.glob("/usr/lib/jvm/*/release"), reverse=True):
        for line in open(release, encoding="utf-8", errors="replace"):
            if line.startswith("JAVA_VERSION=") and int(line.split('"')[1].split(".")[0]) >= 21:
                return pathlib.Path(release).parent
    raise Unavailable("no JDK of version 21 or newer found in /usr/lib/jvm")


def install():
    home = HOME / f"opensearch-{VERSION}"
    if (home / ".complete").exists():
        return home
    if not shutil.which("mvn"):
        raise Unavailable("cannot download it: mvn is not installed")
    print(f"downloading OpenSearch {VERSION} from Maven Central", file=sys.stderr)
    work = HOME / "work"
    work.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={work}"], capture_output=True, text=True)
    archive = work / f"opensearch-{VERSION}.zip"
    if done.returncode or not archive.exists():
        raise Unavailable(f"mvn: {(done.stdout + done.stderr)[-300:]}")
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(HOME)
    for script in (home / "bin").iterdir():
        script.chmod(0o755)
    (home / ".complete").touch()
    shutil.rmtree(work)
    return home


def _answers(url):
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except (OSError, urllib.error.URLError):
        return False


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _command(home, config, java):
    """The Java command that starts the server class. The distribution's own start script refuses to run as root."""
    options = ["-Xms1g", "-Xmx1g", f"-Dopensearch.path.home={home}", f"-Dopensearch.path.conf={config}", "-Dopensearch.distribution.type=zip",
               "-Dopensearch.bundled_jdk=false", "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector", f"-javaagent:{home}/agent/opensearch-agent.jar"]
    return [str(java / "bin" / "java"), *options, "-cp", f"{home}/lib/*:{home}/agent/opensearch-agent-bootstrap-{VERSION}.jar", "org.opensearch.bootstrap.OpenSearch"]


def _unprivileged():
    """The node refuses to run as root, so root runs it as nobody. Returns arguments for subprocess.Popen."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@contextlib.contextmanager
def running():
    """Yields a node with `.url` and `.pid`, or None, with the reason on standard error, when it cannot be started."""
    try:
        if os.environ.get("OPENSEARCH_URL"):
            yield types.SimpleNamespace(url=os.environ["OPENSEARCH_URL"], pid=os.getpid())
            return
        home, java = install(), _java_home()
    except Unavailable as why:
        print(f"running without the OpenSearch node: {why}", file=sys.stderr)
        yield None
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="trine-bench-opensearch-"))
    port = _free_port()
    config = folder / "config"
    shutil.copytree(home / "config", config)
    (config / "opensearch.yml").write_text(f"cluster.name: bench\nnode.name: bench\nnetwork.host: 127.0.0.1\nhttp.port: {port}\ntransport.port: {_free_port()}\n"
                                           f"discovery.type: single-node\npath.data: {folder}/data\npath.logs: {folder}/logs\n"
                                           "cluster.routing.allocation.disk.threshold_enabled: false\n")
    for made in ("data", "logs", "tmp"):
        (folder / made).mkdir()
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    log = folder / "node.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(_command(home, config, java), stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder,
                                   env={**os.environ, "OPENSEARCH_JAVA_HOME": str(java), "OPENSEARCH_TMPDIR": str(folder / "tmp")}, **_unprivileged())
    try:
        until = time.monotonic() + READY_SECONDS
        url = f"http://127.0.0.1:{port}"
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > until:
                print(f"running without the OpenSearch node: it did not start:\n{log.read_text(errors='replace')[-1500:]}", file=sys.stderr)
                yield None
                return
            time.sleep(.2)
        yield types.SimpleNamespace(url=url, pid=process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
