"""An automated call that says what a text could not, and hears a key pressed; after it a named person."""
