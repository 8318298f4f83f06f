"""Every table there is, imported so that the schema knows them."""

from sqlalchemy import MetaData

from api.runtime import tables as runtime
from api.webhooks import tables as webhooks
from dispatch.access import tables as access
from dispatch.bookings import tables as bookings
from dispatch.callbacks import tables as callbacks
from dispatch.clock import ClockRow
from dispatch.customers import tables as customers
from dispatch.failures import tables as failures
from dispatch.field import tables as field
from dispatch.holds import tables as holds
from dispatch.ledger import LedgerEntry, LedgerHead
from dispatch.plans import tables as plans
from dispatch.promises import tables as promises
from dispatch.recoveries import tables as recoveries
from dispatch.services import tables as services
from dispatch.store import Row
from dispatch.technicians import tables as technicians
from dispatch.territories import tables as territories
from dispatch.visits import tables as visits
from dispatch.wishes import tables as wishes
from notifications.calls import tables as calls
from notifications.channels import tables as channels
from notifications.inbox import tables as inbox
from notifications.outbox import tables as outbox
from notifications.people import tables as people
from notifications.witness import tables as witness
from notifications.wordings import tables as wordings

METADATA: MetaData = Row.metadata

__all__ = [
    "METADATA",
    "ClockRow",
    "LedgerEntry",
    "LedgerHead",
    "access",
    "bookings",
    "callbacks",
    "calls",
    "channels",
    "customers",
    "failures",
    "field",
    "holds",
    "inbox",
    "outbox",
    "people",
    "plans",
    "promises",
    "recoveries",
    "runtime",
    "services",
    "technicians",
    "territories",
    "visits",
    "webhooks",
    "wishes",
    "witness",
    "wordings",
]
