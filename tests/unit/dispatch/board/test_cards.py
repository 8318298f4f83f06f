"""Cards of many visits are those of each, and no visit more costs a question more, on both databases."""

from __future__ import annotations

from sqlalchemy import Engine

from dispatch.board.card import card_of, cards_of
from dispatch.board.snapshot import snapshot
from dispatch.callbacks.actions import promise_callback
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, finish, leave
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.work import Workshop
from tests.asked import asked
from tests.worlds import a_quiet_town


def test_cards_of_many_are_the_cards_of_each(workshop: Workshop, clock: SetClock) -> None:
    """Nobody drives to Ana: she is made an offer. Ben waits for a call, and the work at Cleo's is done."""
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    ana, ben, cleo = (
        world.book(name, start)
        for name, start in (("Ana Cole", "08:00"), ("Ben Ito", "14:00"), ("Cleo Ray", "16:00"))
    )
    with world.as_technician(world.who_comes(cleo)) as (work, technician):
        leave(work, technician, cleo.id)
        arrive(work, technician, cleo.id)
        finish(work, technician, cleo.id)
    with world.as_office() as work:
        promise_callback(work, territory_id=world.territory.id, about="asked_for_person", visit_id=ben.id)
    world.until("10:01")
    with world.look() as work:
        ids = [ana.id, ben.id, cleo.id]
        together = cards_of(work, ids)
        assert together == [card_of(work, id) for id in ids]
    by_name = {card.customer: card for card in together}
    recovery = by_name["Ana Cole"].recovery
    assert recovery
    assert recovery.offers
    assert by_name["Ben Ito"].callback
    assert by_name["Ben Ito"].expected
    assert by_name["Cleo Ray"].state is VisitState.DONE


def test_a_board_of_many_visits_asks_as_much_as_one_of_few(
    workshop: Workshop, clock: SetClock, engine: Engine
) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma")

    def count() -> int:
        with world.look() as work, asked(engine) as questions:
            snapshot(work, work.session.get_one(Territory, world.territory.id))
        return len(questions)

    world.book("Ana Cole", "08:00")
    world.book("Cleo Ray", "16:00")
    few = count()
    for number in range(6):
        world.book(f"Ben Ito {number}", "10:00" if number % 2 else "14:00")
    assert count() == few
