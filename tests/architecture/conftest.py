"""What the command line says of itself."""

from __future__ import annotations

import re

import pytest

from api.runtime.cli import main


@pytest.fixture
def commands(capsys: pytest.CaptureFixture[str]) -> set[str]:
    """What `makegood --help` lists."""
    with pytest.raises(SystemExit):
        main(["--help"])
    return set(re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.MULTILINE))
