"""The in-memory twin of the stores, for simulations, backtests and conversations: nothing survives the process."""

from .deliveries import MemoryDeliveries
from .log import MemoryLog
from .state import MemoryStore

__all__ = ["MemoryDeliveries", "MemoryLog", "MemoryStore"]
