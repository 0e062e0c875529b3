"""KLayout layer properties: names and colours of the PDK's layers."""

from typing import TYPE_CHECKING

from layoutgen.export.xml_text import escape
from layoutgen.layout.marks import FIDUCIAL, LABEL

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_GROUPS = {"drawn": "drawn: what remains", "mask": "masks: what the tool does", "mark": "marks"}
_SOLID = (LABEL, FIDUCIAL)
_DITHER = {"drawn": "I9", "mask": "I5", "mark": "I1"}


def lyp_text(pdk: "Pdk") -> str:
    """A layer properties file for KLayout, layers grouped by purpose; masks and marks start visible as well."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<layer-properties>"]
    for purpose, title in _GROUPS.items():
        members = [name for name, layer in pdk.layers.items() if layer.purpose == purpose]
        if not members:
            continue
        lines += [" <properties>", "  <visible>true</visible>", f"  <name>{title}</name>"]
        lines.append("  <source>*/*@*</source>")
        for name in members:
            layer = pdk.layers[name]
            fill = "I0" if name in _SOLID else _DITHER[purpose]
            lines += [
                "  <group-members>",
                f"   <frame-color>{layer.colour}</frame-color>",
                f"   <fill-color>{layer.colour}</fill-color>",
                f"   <dither-pattern>{fill}</dither-pattern>",
                "   <visible>true</visible>",
                "   <transparent>false</transparent>",
                "   <width>1</width>",
                f"   <name>{escape(name)} {layer.number}/{layer.datatype}: {escape(layer.description)}</name>",
                f"   <source>{layer.number}/{layer.datatype}@1</source>",
                "  </group-members>",
            ]
        lines.append(" </properties>")
    return "\n".join([*lines, "</layer-properties>", ""])
