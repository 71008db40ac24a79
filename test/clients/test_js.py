"""Runs the JavaScript clients with js/run.mjs. Skipped if node or npm is missing."""

import os
import pathlib
import shutil
import subprocess

import pytest

JS = pathlib.Path(__file__).resolve().parent / "js"


@pytest.fixture(scope="module")
def installed():
    for program in ("node", "npm"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    lock, stamp = (JS / "package-lock.json").read_bytes(), JS / "node_modules" / ".installed-lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=JS, check=True, timeout=300)
        stamp.write_bytes(lock)


def test_lock_file_contains_no_host_names():
    text = (JS / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text and '"integrity"' in text


def test_javascript_clients(installed, shop_server):
    done = subprocess.run(["node", "run.mjs"], cwd=JS, env={**os.environ, "TRINE_URL": shop_server.url}, text=True, encoding="utf-8",
                          capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
