"""The stores in SQLite files of one data directory: nothing to install, every commit durable."""

from .catalog import SqliteCatalog
from .deliveries import SqliteDeliveries
from .log import SqliteLog
from .playbooks import SqlitePlaybooks
from .state import SqliteStore
from .view import SqliteView

__all__ = ["SqliteCatalog", "SqliteDeliveries", "SqliteLog", "SqlitePlaybooks", "SqliteStore", "SqliteView"]
