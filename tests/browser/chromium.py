"""`python -m tests.browser.chromium`: finds a Chromium for the browser tests, or installs Debian's where it may.

Browsers that a test tool would download by itself are not used: the system's own is patched by the system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --disable-quic"
)


def find() -> str | None:
    """The path of a browser; MAKEGOOD_TEST_CHROMIUM names another."""
    named = os.environ.get("MAKEGOOD_TEST_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """With apt, as root. Raises CalledProcessError when that fails."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update"],
        ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run(["apt-get", "-qq", *command], check=True, env=quiet, stdout=subprocess.DEVNULL)


def main() -> str:
    if find():
        return ""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return "No Chromium here: the browser tests will skip. Install the package chromium to run them."
    print("Installing Chromium for the browser tests (110 MB, about half a minute).", flush=True)  # noqa: T201
    try:
        install()
    except subprocess.CalledProcessError as failed:
        return f"Chromium could not be installed ({failed}): the browser tests will skip."
    return ""


if __name__ == "__main__":
    print(main(), end="", file=sys.stderr)  # noqa: T201
