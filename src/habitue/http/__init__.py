"""Connections of clients, and how much each of them may ask of us before anybody knows who it is."""
