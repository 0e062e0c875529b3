"""Templates: the geometry of devices and of process-control structures, stated as data."""

from layoutgen.template.bound import BoundTemplate, Rect
from layoutgen.template.device import (
    Element,
    Template,
    check_template,
    load_template,
    shipped_templates,
)

__all__ = [
    "BoundTemplate",
    "Element",
    "Rect",
    "Template",
    "check_template",
    "load_template",
    "shipped_templates",
]
