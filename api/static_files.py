"""Scripts, sheets and drawings, packed on the way: a phone in the field waits for every kilobyte.

Only these files: pages hold what is secret beside what a stranger may have typed, and packing both together would
tell by its length what the secret is.
"""

from __future__ import annotations

import gzip
import os
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

PACKED = (".css", ".js", ".svg", ".webmanifest")


class PackedFiles(StaticFiles):
    """As they lie in the folder, gzipped for whoever takes that."""

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        if not str(full_path).endswith(PACKED):
            return response
        response.headers["Vary"] = "Accept-Encoding"
        if not isinstance(response, FileResponse) or not _takes_gzip(Headers(scope=scope)):
            return response
        body = _packed(str(full_path), stat_result.st_mtime_ns)
        kept = ("content-type", "etag", "last-modified", "vary")
        headers = {name: response.headers[name] for name in kept if name in response.headers}
        headers |= {"etag": f"W/{headers['etag']}", "content-encoding": "gzip"}
        return Response(body, status_code, headers)


def _takes_gzip(headers: Headers) -> bool:
    return any(
        one.partition(";")[0].strip() == "gzip" for one in headers.get("accept-encoding", "").split(",")
    )


@lru_cache(maxsize=64)
def _packed(path: str, written_at_ns: int) -> bytes:
    """Packed once for each time that it was written."""
    with open(path, "rb") as file:
        return gzip.compress(file.read(), 9, mtime=0)
