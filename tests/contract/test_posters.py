"""What every poster promises: refuses the same addresses, never raises for the other side, and says what came back."""

from __future__ import annotations

import socket

import pytest

from api.webhooks.posting import Answer, KeptPosts, Poster
from api.webhooks.wire import Wire
from dispatch.errors import Invalid


def _nobody(host: str) -> list[str]:
    raise socket.gaierror(host)


@pytest.fixture(params=["quiet", "wire"])
def poster(request: pytest.FixtureRequest) -> Poster:
    return KeptPosts() if request.param == "quiet" else Wire(_nobody)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://10.0.0.1/", "https://localhost/", "nonsense"]
)
def test_refuses_what_is_not_public(poster: Poster, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        poster.require(url)
    assert [one.code for one in refused.value.errors] == ["url_not_allowed"]
    assert not poster.post(url, {}, b"{}").has_arrived


def test_takes_a_public_name(poster: Poster) -> None:
    assert poster.require("https://hooks.example.com:8443/a?b=c").port == 8443


def test_always_answers(poster: Poster) -> None:
    assert isinstance(poster.post("https://hooks.example.com/", {}, b"{}"), Answer)


@pytest.mark.parametrize(
    ("status", "arrived"), [(None, False), (199, False), (200, True), (299, True), (300, False), (410, False)]
)
def test_only_a_success_has_arrived(status: int | None, arrived: bool) -> None:
    assert Answer(status).has_arrived is arrived
