"""How somebody who watches the demo wants its clock to run. Kept in the process: a restart forgets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

USUAL_RATE = 60.0


@dataclass(slots=True)
class Pace:
    """`wanted` is the rate that somebody asked for last, 0 for a pause; `resume_at` what resuming goes back to.

    Where simulated people live (`is_lived`), the clock is not pushed over their heads: `step_to` asks whoever
    plays them to let them live on until then, and they may hold the clock while they catch up.
    """

    wanted: float | None = None
    resume_at: float = USUAL_RATE
    is_lived: bool = False
    step_to: datetime | None = None

    def want(self, rate: float) -> None:
        self.wanted = rate
        self.resume_at = rate or self.resume_at
