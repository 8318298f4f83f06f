"""The whole database in one file, and the way back from it."""

from api.runtime.backup.actions import back_up, restore
from api.runtime.backup.manifest import CannotBackUp, Manifest

__all__ = ["CannotBackUp", "Manifest", "back_up", "restore"]
