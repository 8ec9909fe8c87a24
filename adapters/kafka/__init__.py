"""Kafka: topics, records as messages, and the worker that reads facts exactly once."""
