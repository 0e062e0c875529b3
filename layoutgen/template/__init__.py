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
from layoutgen.template.folder import text_of as template_text

__all__ = [
    "BoundTemplate",
    "Element",
    "Rect",
    "Template",
    "check_template",
    "load_template",
    "shipped_templates",
    "template_text",
]
