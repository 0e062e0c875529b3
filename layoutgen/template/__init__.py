"""Templates: the geometry of devices and of process-control structures, stated as data."""

from layoutgen.template.device import (
    BoundTemplate,
    Element,
    Rect,
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
