"""Slotwright's engine."""
