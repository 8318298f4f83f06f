"""Facts of the ledger, told to other programs over HTTP: who wants which, and each delivery until it arrived.

The ledger is the truth. A subscription has a cursor into it; deliveries are written from there and sent afterwards.
"""
