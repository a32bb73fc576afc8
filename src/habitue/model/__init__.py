"""The nouns every other room speaks of: events, customers, messages, effects, reasons."""
