"""The command line. What works on files alone starts at once; the rest is loaded when it is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from api.runtime import day_files


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] and words[0] in day_files.COMMANDS:
        _log("text")
        arguments = _parser(everything=False).parse_args(words)
        code: int = arguments.run(arguments)
        return code
    return _run_in_the_house(words)


def _run_in_the_house(words: Sequence[str]) -> int:
    from pydantic import ValidationError  # seconds, with the web and the database behind it

    from api.runtime.settings import Settings
    from dispatch.errors import DispatchError
    from dispatch.travel import TravelError

    arguments = _parser(everything=True).parse_args(words)
    try:
        _log(
            Settings().log
        )  # when everything is loaded: what libraries say as they load is nobody's business
        code: int = arguments.run(arguments)
    except ValidationError as error:
        problems = "\n".join(f"  {'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
        print(f"The settings do not fit together:\n{problems}", file=sys.stderr)
        return 2
    except (DispatchError, TravelError) as error:
        print(error, file=sys.stderr)
        return 2
    return code


def _log(form: str) -> None:
    from api.runtime.logs import begin

    begin(form)


def _parser(*, everything: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="makegood", description="Makes broken promises good the same day.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    if everything:
        from api.runtime import people, running, upkeep

        running.add_commands(commands)
        day_files.add_commands(commands)
        upkeep.add_commands(commands)
        people.add_commands(commands)
    else:
        day_files.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
