#!/usr/bin/env python3
"""The demonstration of `./dev demo`: starts a server, loads the sample shop and runs the example programs.

    python3 examples/programs/demo.py --trine build/release/trine [--once]

Leaves the server running and prints its address. With --once, stops the server at the end and deletes its data.
"""

import argparse
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

from local_server import LocalServer, answers

PROGRAMS = pathlib.Path(__file__).resolve().parent
SHOP = PROGRAMS.parent / "shop"
ROOT = PROGRAMS.parents[1]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def run(program, url, *arguments):
    """Runs one program of this folder against the server, with our output streams. Returns its exit code."""
    print(f"\n#### {program} {' '.join(arguments)}".rstrip(), flush=True)
    env = {**os.environ, "AWS_ENDPOINT_URL": url}
    env.pop("AWS_PROFILE", None)  # a profile may set another endpoint or credentials
    return subprocess.run([sys.executable, str(PROGRAMS / program), *arguments], env=env, check=False).returncode


def start(args, files):
    """Returns a running server and its address: that of an earlier demonstration if it still answers, else a new one."""
    remembered = args.folder / "address"
    if not args.once and remembered.exists():
        url = remembered.read_text(encoding="utf-8").strip()
        if answers(url):
            print(f"Using the server of the last demonstration: {url}")
            return None, url
    port = args.port if is_free(args.port) else 0
    server = LocalServer(args.trine, args.folder / "data", import_dirs=[SHOP, files], port=port,
                         log=args.folder / "server.log", detached=not args.once)
    if not args.once:
        remembered.write_text(server.url, encoding="utf-8")
    return server, server.url


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trine", required=True, type=pathlib.Path, help="the trine binary")
    parser.add_argument("--once", action="store_true", help="use a temporary folder, and stop the server at the end")
    parser.add_argument("--port", type=int, default=9200, help="port (default: %(default)s, or a free one if it is taken)")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "demo", help="folder for data and log (default: build/demo)")
    args = parser.parse_args()
    temporary = tempfile.TemporaryDirectory(prefix="trine-demo-") if args.once else None
    if temporary:
        args.folder = pathlib.Path(temporary.name)
    files = args.folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        server, url = start(args, files)
    except (RuntimeError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    failed = [program for program, *more in (("demo_setup.py",), ("triangle.py",), ("retail.py", "--folder", str(files)),
                                             ("three_people.py",)) if run(program, url, *more) != 0]
    if args.once and server:
        code = server.stop()
        if code != 0:
            failed.append(f"the server (exit code {code})")
    elif server:
        print(f"\nThe server keeps running at {url} (stop it with: kill {server.pid}; log: {server.log})")
    if temporary:
        temporary.cleanup()
    print(f"\nThe demonstration took {time.monotonic() - started:.1f} s.", flush=True)
    if failed:
        print(f"error: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
