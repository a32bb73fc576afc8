"""Who turns the crank: the same step, live, in a backtest, in a simulation."""
