"""What the title block says; every value is given, none is made up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the revision table."""

    mark: str
    date: str
    description: str
    by: str


@dataclass(frozen=True, slots=True)
class TitleBlock:
    """ISO 7200 data fields. ``title`` names the product; each sheet adds what it shows. Empty fields show "-"."""

    owner: str = ""
    number: str = ""
    title: str = ""
    date: str = ""
    revision: str = ""
    creator: str = ""
    approver: str = ""
    document_type: str = "Component drawing"
    language: str = "en"
    revisions: tuple[Revision, ...] = ()
