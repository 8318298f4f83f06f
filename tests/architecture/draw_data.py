"""docs/data.md from the data map: `python -m tests.architecture.draw_data` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator

from notifications.people.data_map import CLASSES, DATA_MAP, MEANING, Held
from tests.architecture.source import ROOT

PAGE = ROOT / "docs/data.md"
OPENING = """# What we hold about people

Drawn from `notifications/people/data_map.py`, which export, erasure and keeping times read. Do not edit this page:
change the map, then run `python -m tests.architecture.draw_data`. A column that nobody classified fails a test.
"""


def page() -> str:
    parts = [OPENING, "## Classes\n", *(f"- **{name}**: {MEANING[name]}" for name in CLASSES), ""]
    parts += [
        "## Tables\n",
        "| table | what for | how long | what stands in it |",
        "| --- | --- | --- | --- |",
    ]
    parts += [
        f"| `{name}` | {one.purpose} | {one.kept} | {_columns(one)} |" for name, one in DATA_MAP.items()
    ]
    return "\n".join(parts) + "\n"


def _columns(one: Held) -> str:
    return "; ".join(_classes(one))


def _classes(one: Held) -> Iterator[str]:
    for name in CLASSES:
        columns = getattr(one, name)
        if columns:
            yield f"{name}: {', '.join(f'`{column}`' for column in columns)}"


if __name__ == "__main__":
    PAGE.write_text(page())
