"""What we hold about one person: where it stands, given to them, erased, and kept no longer than it is of use."""
