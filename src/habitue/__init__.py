"""Habitue: an open, self-hosted engine that turns an online shop's browsers into buyers, and those into habitués."""

__version__ = "0.1.0"
