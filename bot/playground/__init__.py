"""The playground: a Slack look-alike, a sample company and the real app between them, on loopback."""
