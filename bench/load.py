"""Generates closed-loop HTTP load in a process of its own, with few system calls."""

import asyncio
import json
import sys
import time
from collections import Counter


async def client(
    host: str, port: int, requests: list[bytes], until: float, seen: list[float], bad: list[int]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while requests and time.perf_counter() < until:
        writer.write(requests.pop())
        began = time.perf_counter()
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        seen.append(time.perf_counter() - began)
        if head[9:12] not in {b"200", b"201"}:
            bad.append(int(head[9:12]))
    writer.close()


async def run(port: int, file: str, connections: int, seconds: float) -> dict:
    with open(file, "rb") as stream:
        requests = stream.read().split(b"\x00\x00\x00")
    seen: list[float] = []
    bad: list[int] = []
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(
        *(client("127.0.0.1", port, requests, until, seen, bad) for _ in range(connections))
    )
    elapsed = time.perf_counter() - began
    seen.sort()
    return {
        "count": len(seen),
        "per_second": len(seen) / elapsed,
        "p50_ms": seen[len(seen) // 2] * 1000,
        "p95_ms": seen[int(len(seen) * 0.95)] * 1000,
        "bad": len(bad),
        "first_bad": bad[:3],
        "bad_by_status": Counter(map(str, bad)),
    }


if __name__ == "__main__":
    port, file, connections, seconds = sys.argv[1:5]
    print(json.dumps(asyncio.run(run(int(port), file, int(connections), float(seconds)))))
