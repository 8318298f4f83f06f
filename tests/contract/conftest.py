"""The fake provider, for whoever asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.clock import SetClock
from tests.fakes.beside import Beside, beside


@pytest.fixture
def provider(clock: SetClock) -> Iterator[Beside]:
    """A fake of Twilio on a free port."""
    with beside(clock) as found:
        yield found
