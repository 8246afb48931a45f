"""Write the JSON Schema of the scenario format anew: `python -m scenarios.schema`, or `make schema`."""

from __future__ import annotations

import json
from pathlib import Path

from engine.scenario_io.schema import scenario_schema

SCHEMA_FILE = Path(__file__).parent / "scenario.schema.json"


def schema_text() -> str:
    """The schema as the file has it."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
