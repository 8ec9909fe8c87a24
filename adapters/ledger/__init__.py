"""Questions to the ledger and what closes its months. Rows and dataclasses; amounts are öre."""
