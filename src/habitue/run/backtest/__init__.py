"""A backtest: who would have got what, when, and what would have stopped it, over recorded history.

It shows exposure, not effect: what customers would have done differently nobody can replay.
"""

from .asking import Progress, Source, backtest, backtest_both
from .comparison import Comparison, Difference, People, PersonChange
from .report import Followed, JourneyRow, Overlap, Report, Stopped
from .stopping import BacktestStopped
from .tally import FOLLOWS

__all__ = [
    "FOLLOWS",
    "BacktestStopped",
    "Comparison",
    "Difference",
    "Followed",
    "JourneyRow",
    "Overlap",
    "People",
    "PersonChange",
    "Progress",
    "Report",
    "Source",
    "Stopped",
    "backtest",
    "backtest_both",
]
