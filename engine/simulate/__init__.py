"""Made-up worlds: people, orders and filled calendars from a seed."""
