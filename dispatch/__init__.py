"""The business: what may happen, what does happen, what is recorded.

visit       one piece of work at one address for one customer; never deleted
promise     the window told to the customer, versioned; older versions stay
technician  skills, shifts, breaks, home, van stock, position while on shift
territory   the area and crew planned together, and its time zone
plan        the published, versioned routes of one territory and day
hold        capacity kept for somebody until it expires; a row of its own
failure     a promise that broke or will: kind, fault, evidence, when noticed
recovery    what is done about a failure: owner, options, choice, outcome
offer       one concrete recovery option with an expiry
callback    a human will ring by a deadline: a person, an escalation
ledger      the append-only, hash-chained record of every fact about a visit

Sync code over SQLModel sessions: no web framework, no provider, no queue, no solver, no environment.
"""
