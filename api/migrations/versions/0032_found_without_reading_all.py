"""Indexes for what is asked every second or on every page, of tables that keep everything that ever was"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_outbox_sent_at", "outbox", ["sent_at"]),
    ("ix_outbox_settled_at", "outbox", ["settled_at"]),
    ("ix_recoveries_noticed", "recoveries", ["territory_id", "noticed_at"]),
    ("ix_visits_technician", "visits", ["technician_id", "state_at"]),
    ("ix_offers_hold_id", "offers", ["hold_id"]),
    ("ix_holds_held_for", "holds", ["held_for", "expires_at"]),
    ("ix_inbound_texts_received_at", "inbound_texts", ["received_at"]),
    ("ix_invitations_invited_at", "invitations", ["invited_at"]),
    ("ix_device_events_visit_id", "device_events", ["visit_id"]),
    ("ix_phone_codes_asked_at", "phone_codes", ["asked_at"]),
    ("ix_ledger_kind_at", "ledger", ["kind", "at"]),
    ("ix_callbacks_phone", "callbacks", ["phone"]),
    ("ix_callbacks_inbound_id", "callbacks", ["inbound_id"]),
)
OF_SOME = (
    ("ix_send_attempts_unfinished", "send_attempts", ["started_at"], "finished_at IS NULL"),
    ("ix_plan_days_replan", "plan_days", ["replan_at"], "replan_at IS NOT NULL"),
)


def upgrade() -> None:
    """What somebody made beforehand, without holding anybody off, is there already: see docs/operations.md."""
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns, if_not_exists=True)
    for name, table, columns, which in OF_SOME:
        condition = sa.text(which)
        op.create_index(
            name, table, columns, sqlite_where=condition, postgresql_where=condition, if_not_exists=True
        )
