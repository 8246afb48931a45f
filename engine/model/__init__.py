"""Facts and answers: frozen, and without any knowledge of solvers, clocks, files or databases."""
