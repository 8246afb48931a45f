"""How fast the engine is, and how good its answers are.

``adapters`` reads public instances that nobody of this project wrote, and judges answers to them. ``baselines`` solves
the same instances plainly, as contenders to be measured against. The engine and the service never import this package.
"""
