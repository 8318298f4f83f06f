"""The office sets up a webhook in the browser and reads what came of each delivery."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from api.runtime.runtime import Runtime
from api.webhooks.posting import KeptPosts
from api.webhooks.sending import deliver_due

URL = "https://hooks.example.com/makegood"


def test_from_nothing_to_a_delivery_and_to_the_end(staff: TestClient, runtime: Runtime) -> None:
    assert "Nobody is told yet" in staff.get("/office/webhooks").text
    assert "visit booked" in staff.get("/office/webhooks/new").text
    bad = staff.post("/office/webhooks/new", data={"url": "https://10.0.0.1/", "kind-visit_booked": "on"})
    assert bad.status_code == 422
    assert "must have a public name" in bad.text
    assert "https://10.0.0.1/" in bad.text  # what was typed is still there
    none = staff.post("/office/webhooks/new", data={"url": URL})
    assert "Choose at least one kind" in none.text
    made = staff.post("/office/webhooks/new", data={"url": URL, "kind-visit_booked": "on"})
    secret = re.search(r"<code>([0-9a-f]{64})</code>", made.text)
    page = re.search(r"/office/webhooks/[0-9a-z]{26}", made.text)
    assert secret
    assert page
    path = page[0]
    assert secret[1] not in staff.get(path).text
    assert staff.post(f"{path}/test").status_code == 303
    poster = runtime.poster
    assert isinstance(poster, KeptPosts)
    poster.answers[URL] = 500
    deliver_due(runtime.workshop, poster, runtime.key)
    shown = staff.get(path).text
    assert "does not answer" in shown
    assert ">500<" in shown
    assert "No delivery is in this state" in staff.get(f"{path}?state=gave_up").text
    assert staff.post(f"{path}/pause").status_code == 303
    assert "paused" in staff.get("/office/webhooks").text
    assert staff.post(f"{path}/resume").status_code == 303
    ahead = staff.post(f"{path}/replay", data={"after": "100000"})
    assert ahead.status_code == 422
    assert "choose one of them" in ahead.text
    assert staff.post(f"{path}/replay", data={"after": "0"}).status_code == 303
    assert staff.post(f"{path}/secret").status_code == 200
    twice = staff.post(f"{path}/secret")
    assert twice.status_code == 409
    assert "two are valid already" in twice.text
    assert staff.post(f"{path}/end").status_code == 303
    assert "has ended" in staff.get(path).text
    assert staff.post(f"{path}/test").status_code == 409
