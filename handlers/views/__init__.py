"""Block Kit as pure functions: domain in, blocks out."""
