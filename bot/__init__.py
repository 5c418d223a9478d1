"""The runtime: reads the environment, builds the objects, opens the sockets."""
