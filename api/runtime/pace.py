"""How somebody who watches the demo wants its clock to run. Kept in the process: a restart forgets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

USUAL_RATE = 60.0


@dataclass(slots=True)
class Pace:
    """`rate` is what resuming goes back to. Where simulated people live (`is_lived`), the clock is not pushed
    over their heads: `step_to` asks whoever moves it to let them live on until then.
    """

    rate: float = USUAL_RATE
    is_lived: bool = False
    step_to: datetime | None = None
