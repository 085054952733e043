"""Runs pieces of Python in processes of their own, which never outlive the test that started them."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

LIMIT = 240
"""Seconds after which processes are given up; on an idle machine the longest test takes 10."""
ROOT = Path(__file__).parents[2]


def run(*programs: str, devices: int = 1) -> list:
    """What each program prints on its last line, as JSON. All run at the same time, on that many CPU devices each.

    Raises:
        AssertionError: one of them failed, with what it said; the others are stopped.
        subprocess.TimeoutExpired: they did not end in time.
    """
    flags = f"--xla_force_host_platform_device_count={devices}"
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags, "PYTHONPATH": str(ROOT)}
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    end = time.monotonic() + LIMIT
    started = []
    try:
        for program in programs:
            started.append(subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=ROOT, **piped))
        said = []
        for process in started:
            out, errors = process.communicate(timeout=max(end - time.monotonic(), 0))
            assert process.returncode == 0, errors
            said.append(json.loads(out.splitlines()[-1]))
        return said
    finally:
        for process in started:
            process.kill()
            process.communicate()


def free_port() -> int:
    """A TCP port of the loopback that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
