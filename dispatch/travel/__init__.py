"""How long it takes to drive from one place to another: one port, three adapters.

`straight` needs nothing, `roads` reads a road extract, `osrm` asks a routing server. The runtime chooses one;
everything else asks the port. Pure library code: no environment, no database, no clock.
"""

from dispatch.travel.port import OffRoad, Point, Snap, Travel, TravelError

__all__ = ["OffRoad", "Point", "Snap", "Travel", "TravelError"]
