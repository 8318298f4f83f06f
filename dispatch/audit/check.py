"""What a check is, what it finds, and how all of them are run. Reads only: nothing here writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy

from dispatch.errors import DispatchError
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that breaks an invariant: its number, the id of what broke it, and what is wrong."""

    invariant: str
    subject: str
    sentence: str


class Check(ABC):
    """One numbered invariant. `rule` says it in a sentence, `when_it_fires` what an operator does then."""

    number: ClassVar[str]
    rule: ClassVar[str]
    when_it_fires: ClassVar[str]

    @abstractmethod
    def check(self, work: Work) -> Iterator[Finding]:
        """Everything in the live database that breaks the rule now; nothing when all is well."""

    def finding(self, subject: str, sentence: str) -> Finding:
        return Finding(self.number, subject, sentence)


def pick(*columns: Any) -> Any:
    """A select of any number of columns or rows: the typed one ends at four and wants them all named."""
    return sqlalchemy.select(*columns)


def run_audit(work: Work, checks: Sequence[Check]) -> list[Finding]:
    """Run `checks` in order over a read Work. A row that a check cannot even read is a finding too."""
    found: list[Finding] = []
    for one in checks:
        try:
            found += one.check(work)
        except (DispatchError, ValueError, LookupError, TypeError) as error:  # values no code of ours wrote
            found.append(one.finding("unreadable", f"Could not be judged: {type(error).__name__}: {error}"))
    return found
