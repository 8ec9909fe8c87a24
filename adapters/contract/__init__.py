"""The contract of messages: what facts and outcomes look like on the wire, for other programs."""
