"""The edge: receives, authenticates, opens one Work, renders."""
