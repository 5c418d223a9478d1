"""Any HTTP API as a system, described by one YAML file and no Python."""
