"""Use cases, one file each: what a person or a service asks the engine to do."""
