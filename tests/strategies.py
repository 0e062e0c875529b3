"""Shared hypothesis strategies."""

from hypothesis import strategies as st

from layoutgen.spec import Spec, build_spec

sides_mm = st.integers(300, 4000).map(lambda hundredths: hundredths / 100)


@st.composite
def footprint_specs(draw: st.DrawFn) -> Spec:
    """Questions of capacity and footprint over the technology's range; not all have an answer."""
    values = {
        "capacity": draw(st.floats(1, 100).map(lambda mah: round(mah, 2))),
        "footprint": (draw(sides_mm), draw(sides_mm)),
        "confidence": draw(st.sampled_from([0.5, 0.9, 0.99])),
    }
    return build_spec(values, {})
