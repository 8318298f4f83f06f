"""What was said to a phone and what it said, on one day: read from the rows, never written."""
