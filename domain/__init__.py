"""What is owed under terms of sale: facts, orders, policies, terms. Pure: no clock, no files."""
