"""The erasure engine: everything that a company's database holds about one customer, driven by its data map."""
