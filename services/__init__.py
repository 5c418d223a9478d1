"""What the product does: verbs, the ports they need, the domain they speak, and the adapters that serve them."""
