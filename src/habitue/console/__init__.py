"""The console: pages for people, each in a folder of its own. `routes` is all that others need of it."""

from __future__ import annotations

from .accounts import Accounts
from .ports import Preview, Privacy, Services
from .site import routes

__all__ = ["Accounts", "Preview", "Privacy", "Services", "routes"]
