"""The Caddyfile as it is shipped, moved to a free port of this machine without https, in front of given processes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
ONLY_HERE = "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tauto_https off\n"


def local_caddyfile(folder: Path, url: str, upstreams: Sequence[str]) -> Path:
    """What differs from the shipped file: where it listens, and whom it finds without a name service."""
    text = (ROOT / "Caddyfile").read_text()
    behind = " ".join(upstream.removeprefix("http://") for upstream in upstreams)
    for shipped, here in (
        (r"^\{\n", ONLY_HERE),
        (r"^\{\$MAKEGOOD_DOMAIN:localhost\} \{\n\ttls .*\n", f"{url} {{\n"),
        (r"\t\tdynamic a .*\n\t\t\trefresh .*\n\t\t\}\n", f"\t\tto {behind}\n"),
    ):
        text, count = re.subn(shipped, here, text, count=1, flags=re.MULTILINE)
        assert count == 1, shipped
    path = folder / "Caddyfile"
    path.write_text(text)
    return path
