"""Roads to the customer: one room per channel, one vocabulary of failures."""
