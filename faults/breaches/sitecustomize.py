"""Changes the product in the processes that the fault runner starts with this folder on their path.

Python runs this before anything else: FAULTS_BREACH names a guard to remove, FAULTS_CLOCK_H by how many hours a
process's clock is off, FAULTS_CLOCK_ONCE since when: a file that appears. Nothing of the product knows of it.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from types import ModuleType

import planted


class Planter(importlib.abc.MetaPathFinder):
    """Finds modules as Python does, and changes those that a breach is planted in as soon as they are there."""

    def __init__(self, modules: dict) -> None:
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        if name not in self.modules:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, self.modules[name])
        return spec


class Loader(importlib.abc.Loader):
    """Loads a module, then plants the breach in it."""

    def __init__(self, usual, plant) -> None:
        self.usual, self.plant = usual, plant

    def create_module(self, spec):
        return self.usual.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.usual.exec_module(module)
        self.plant(module)


modules = dict(planted.BREACHES.get(os.environ.get("FAULTS_BREACH", ""), {}))
if hours := os.environ.get("FAULTS_CLOCK_H", ""):
    once = os.environ.get("FAULTS_CLOCK_ONCE", "")
    modules["django.utils.timezone"] = planted.clock_off_by(float(hours), once)
if modules:
    sys.meta_path.insert(0, Planter(modules))
