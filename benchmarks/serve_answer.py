"""How long `layoutgen serve` takes to answer a changed input: the default question, the capacity changed each time.

The aim is 300 ms on a machine that has nothing else to do. Run: python -m benchmarks.serve_answer
"""

import http.client
import json
import signal
import socket
import statistics
import subprocess
import sys
import time
from urllib.parse import urlencode

_ANSWERS = 15


def ask(port: int, capacity: float) -> float:
    """Seconds that one answer takes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.perf_counter()
    connection.request("GET", "/design?" + urlencode({"capacity": f"{capacity:.3f}", "footprint": "8x10"}))
    found = json.loads(connection.getresponse().read())
    connection.close()
    if not found["ok"]:
        raise SystemExit(f"no answer: {found}")
    return time.perf_counter() - start


def main() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "layoutgen", "serve", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                ask(port, 20.0)
                break
            except OSError:
                time.sleep(0.1)
        times = [ask(port, 19.0 + number / 7) * 1e3 for number in range(_ANSWERS)]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    print(
        f"{_ANSWERS} changed inputs: best {min(times):.0f} ms, median {statistics.median(times):.0f} ms, "
        f"worst {max(times):.0f} ms"
    )


if __name__ == "__main__":
    main()
