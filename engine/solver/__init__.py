"""CP-SAT models and their solving. The only package that imports OR-Tools."""
