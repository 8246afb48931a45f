"""Plain CP-SAT models of public problems: contenders that the engine is measured against, and no part of it."""
