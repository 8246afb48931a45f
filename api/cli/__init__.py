"""The `slotwright` command: one file per command, put together in `api.cli.main`."""
