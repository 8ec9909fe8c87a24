"""The log on asyncpg."""
