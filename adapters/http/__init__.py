"""HTTP: what others ask and tell over it."""
