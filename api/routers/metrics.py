"""Figures for a machine that watches, for whoever has the token of the settings; for others there is nothing here."""

from __future__ import annotations

import hmac

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.deps import RuntimeDep
from api.metrics.board import Metrics
from api.strict import router
from dispatch.errors import NotFound

routes = router("", "metrics", include_in_schema=False)


@routes.get("/metrics")
def metrics(request: Request, runtime: RuntimeDep) -> Response:
    wanted = runtime.settings.metrics_token.get_secret_value().encode()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if not wanted or scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted):
        raise NotFound()
    board: Metrics = request.app.state.metrics
    return Response(board.write(), media_type=CONTENT_TYPE_LATEST)
