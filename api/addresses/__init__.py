"""From an address as people type it to a place on the map: whom to ask, how often, and what is kept of the answers."""
