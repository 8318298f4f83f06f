"""What makes the technician's day an app on a phone: its manifest, and the worker that keeps it without a network."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from fastapi import Request, Response

from api.pages.render import HERE
from api.runtime.runtime import Runtime
from api.strict import router

STATIC = HERE / "static"
SHELL = (
    "vendor/pico.css",
    "tokens.css",
    "makegood.css",
    "day/day.css",
    "vendor/htmx.js",
    "live.js",
    "day/day.js",
    "day/dialogs.js",
    "day/hand_in.js",
    "day/locate.js",
    "day/photos.js",
    "day/queue.js",
    "day/said.js",
    "vendor/icons.svg",
    "icon.svg",
)
GROUND, INK = "#f5f6f3", "#0b5563"

routes = router("/day", "day", include_in_schema=False)


@routes.get("/worker.js")
def worker() -> Response:
    """Served from here and not from /static, because a worker keeps only pages below its own path."""
    return Response(_worker(), media_type="text/javascript", headers={"Service-Worker-Allowed": "/day"})


@routes.get("/manifest.webmanifest")
def manifest(request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    company = runtime.settings.company
    told = {
        "id": "/day",
        "name": f"{company}: my day",
        "short_name": "My day",
        "start_url": "/day",
        "scope": "/day",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": INK,
        "icons": [
            {
                "src": "/static/icon-192.png",
                "sizes": "192x192",
                "type": "image/png",
                "purpose": "any maskable",
            },
            {
                "src": "/static/icon-512.png",
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "any maskable",
            },
            {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
        ],
    }
    return Response(json.dumps(told), media_type="application/manifest+json")


@cache
def _worker() -> str:
    """The worker, with the files that it keeps and a version that changes with any of them."""
    script = (STATIC / "worker.js").read_text()
    digest = hashlib.sha256(script.encode())
    for name in SHELL:
        digest.update((STATIC / name).read_bytes())
    told = {"version": digest.hexdigest()[:16], "files": [f"/static/{name}" for name in SHELL]}
    return f"self.makegood = {json.dumps(told)};\n{script}"
