"""The process design kit that a question is asked of, where one is handed in beside it."""

from pathlib import Path

from layoutgen.errors import Input, PdkError, Problem, SpecError
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.pdk.overrides import apply_overrides, value_at
from layoutgen.spec import Spec


def kit_of(spec: Spec, loaded: LoadedPdk | None = None) -> LoadedPdk:
    """The kit of a question: loaded as the spec says, or the one given beside it, which must be what the spec says.

    A kit may hold more overrides than the spec asks for: the answer states them. What the spec asks for and the
    kit does not hold would be stated without having happened.

    Raises:
        SpecError: spec and kit disagree.
        PdkError: the kit that the spec names does not load.
    """
    if loaded is None:
        return load_pdk(spec.pdk, spec.overrides)
    problems = [*_other_kit(spec, loaded), *unmet_settings(spec, loaded)]
    if problems:
        raise SpecError(problems)
    return loaded


def unmet_settings(spec: Spec, loaded: LoadedPdk) -> list[Problem]:
    """What ``spec.set`` asks for and the kit does not hold."""
    try:
        wanted, applied = apply_overrides(loaded.content, spec.overrides)
    except PdkError as error:
        return list(error.problems)
    remedy = f"load the kit with it, or hand in none: load_pdk({loaded.pdk.name!r}, {list(spec.overrides)!r})"
    # of a path that is set twice, the last one holds
    return [
        Problem(
            f"{path} is set to {value}, but is {value_at(loaded.content, path)} in the kit",
            Input(f"set.{path}"),
            remedy=remedy,
        )
        for path, value in {item.path: item.value for item in applied}.items()
        if value_at(wanted, path) != value_at(loaded.content, path)
    ]


def _other_kit(spec: Spec, loaded: LoadedPdk) -> list[Problem]:
    """Another kit than the spec names; one that names none takes any."""
    name = loaded.pdk.name
    if "pdk" not in spec.model_fields_set or spec.pdk == name:
        return []
    if Path(spec.pdk).name == spec.pdk or load_pdk(spec.pdk).sha256 != loaded.sha256:
        what = f"the spec asks for {spec.pdk!r}, and the kit given beside it is {name!r}"
        return [Problem(what, Input("pdk"), remedy=f"leave one of the two out: Spec(..., pdk={name!r})")]
    return []
