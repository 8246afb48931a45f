"""The weekly template: who works where, on what, in every period of a cycle of weeks."""
