"""LocalServer: starts and stops a `trine serve` process. Needs only Python's standard library."""

import http.client
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

READY_SECONDS = 60
STOP_SECONDS = 30


def answers(url, seconds=1.0):
    """Returns whether `GET url/` is answered with status 200."""
    try:
        with urllib.request.urlopen(f"{url}/", timeout=seconds) as response:
            return response.status == 200
    except (OSError, urllib.error.URLError, http.client.HTTPException):
        return False


class LocalServer:
    """One server process on the loopback interface. Not thread-safe. The owner must call stop()."""

    def __init__(self, binary, data_dir, import_dirs=(), port=0, log=None, env=None, options=(), detached=False):
        """Returns when the server is ready. Raises RuntimeError with the end of its log if it exits or takes too long."""
        self.log = pathlib.Path(log or pathlib.Path(data_dir).with_suffix(".log"))
        command = [str(binary), "serve", "--port", str(port), "--data-dir", str(data_dir), *options]
        for folder in import_dirs:
            command += ["--import-dir", str(folder)]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(env or {})}, start_new_session=detached)
        self.url = self._wait()

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        """Returns the output of the server so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _wait(self):
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server exited with code {self.process.returncode}:\n{self.output()[-2000:]}")
            # Whole lines only: a line that is still being written may contain half of the port.
            lines = self.output().rpartition("\n")[0]
            found = re.search(r"http://127\.0\.0\.1:(\d+)", lines)
            if found and found.group(1) != "0" and answers(found.group(0)):
                return found.group(0)
            time.sleep(.05)
        self.process.kill()
        self.process.wait()
        raise RuntimeError(f"the server was not ready after {READY_SECONDS} s:\n{self.output()[-2000:]}")

    def stop(self):
        """Sends SIGTERM and returns the exit code. A server that does not exit is killed; its code is negative."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def kill(self):
        """Kills the server as in a crash (SIGKILL) and returns the exit code."""
        self.process.kill()
        return self.process.wait()
