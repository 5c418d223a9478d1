"""The scenarios, played through the look-alike's network interface: what people do, and what must have become of it."""
