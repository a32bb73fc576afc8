"""The pure core: what is known, what just happened, the playbook and the time, in; new state, effects and reasons, out.

No clock, no chance, no I/O, no environment. A test in `tests/house` reads the imports and says so.
"""
