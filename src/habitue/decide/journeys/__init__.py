"""Journeys: who enters, where each run stands, what moves it on."""
