"""The HTML report of `slotwright demo`: tables and plots in one self-contained page."""
