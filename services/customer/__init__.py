"""What the customer reads and answers."""
