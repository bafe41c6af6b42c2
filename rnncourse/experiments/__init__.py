"""Experiments that are too long for a chapter: their definitions, and what they gave."""
