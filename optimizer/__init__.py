"""Plans service days: pure functions of plain values, no database, clock or network.

Importing this package does not load OR-Tools; the routing engine does, when it is asked.
"""

from optimizer.budget import Budget
from optimizer.check import Verdict, check
from optimizer.child import Solved, searched, solve_in_child
from optimizer.compiling import has_kernels, is_warm, load_kernels, warm_up
from optimizer.day import Break, Day, Limits, Planned, Technician, Visit, Weights, Window
from optimizer.dayfile import day_to_json, read_day, read_visit
from optimizer.dragging import Dragging, Dropped
from optimizer.explain import Explanation, explain
from optimizer.fields import DayFileError, PlanFileError
from optimizer.fits import Blocked, clock_text
from optimizer.insertion import Place, best_place_per_window, places
from optimizer.lateness.draws import Shocks
from optimizer.lateness.history import Seen, Spread, fit_shocks, fit_spread
from optimizer.lateness.odds import Odds, VisitOdds, odds
from optimizer.lateness.safer import safer
from optimizer.moves import Harm, Move, moves
from optimizer.picture import picture
from optimizer.plan import Plan, Route, Stop, Unserved, plan_to_json, read_plan
from optimizer.progress import OnProgress, Progress
from optimizer.projection import project, projected_finish
from optimizer.relaxations import Relaxation
from optimizer.repair import repair
from optimizer.solve import solve
from optimizer.timetable import timetable
from optimizer.travel import straight_line_seconds

__all__ = [
    "Blocked",
    "Break",
    "Budget",
    "Day",
    "DayFileError",
    "Dragging",
    "Dropped",
    "Explanation",
    "Harm",
    "Limits",
    "Move",
    "Odds",
    "OnProgress",
    "Place",
    "Plan",
    "PlanFileError",
    "Planned",
    "Progress",
    "Relaxation",
    "Route",
    "Seen",
    "Shocks",
    "Solved",
    "Spread",
    "Stop",
    "Technician",
    "Unserved",
    "Verdict",
    "Visit",
    "VisitOdds",
    "Weights",
    "Window",
    "best_place_per_window",
    "check",
    "clock_text",
    "day_to_json",
    "explain",
    "fit_shocks",
    "fit_spread",
    "has_kernels",
    "is_warm",
    "load_kernels",
    "moves",
    "odds",
    "picture",
    "places",
    "plan_to_json",
    "project",
    "projected_finish",
    "read_day",
    "read_plan",
    "read_visit",
    "repair",
    "safer",
    "searched",
    "solve",
    "solve_in_child",
    "straight_line_seconds",
    "timetable",
    "warm_up",
]
