"""Everything that touches the world: the road, Postgres, Kafka, the command line."""
