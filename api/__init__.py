"""The outer layer of Slotwright: the command line today, the scheduling service on top of the same engine."""
