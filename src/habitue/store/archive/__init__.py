"""The archive: events, decisions and deliveries as Parquet files by day, readable by any tool while the system runs."""

from .archive import Archive, Archived
from .reading import read_events

__all__ = ["Archive", "Archived", "read_events"]
