"""Worked examples of the terms: played through the real rules, and told to readers."""
