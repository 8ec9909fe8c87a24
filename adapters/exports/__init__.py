"""The ledger of a seller, month by month, in the formats of others: a file a format here."""
