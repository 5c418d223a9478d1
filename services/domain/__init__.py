"""The rules and records of a deletion case: standard library only, no input or output, no clock."""
