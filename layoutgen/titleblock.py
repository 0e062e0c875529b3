"""What drawings and models say besides the design (ISO 7200); every value is given, none is made up."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from layoutgen.record import Form, Record, refusal


def _iso_text(value: Any) -> Any:
    """A TOML date as the text that it was written with."""
    return value.isoformat() if isinstance(value, date) else value


def _is_iso_date(value: str) -> str:
    try:
        plain = date.fromisoformat(value).isoformat() == value
    except ValueError:
        plain = False
    if not plain:
        raise refusal(f"{value!r} is not a date", allowed="a day such as 2026-01-31")
    return value


IsoDate = Annotated[str, BeforeValidator(_iso_text), AfterValidator(_is_iso_date)]
WebAddress = Annotated[str, Form(r"(https?://[!-~]+)?", "a web address such as https://example.com/mb-1.pdf")]
Mark = Annotated[str, Form(r"[A-Za-z0-9.-]{1,8}", "at most 8 letters, digits, . and -")]


class Revision(Record):
    """One line of the revision table."""

    rev: Mark
    """The mark of this issue, such as "A" or "1.2"."""
    date: IsoDate
    """Day of issue, YYYY-MM-DD."""
    description: Annotated[str, StringConstraints(min_length=1)]
    """What changed."""
    by: str = ""
    """Who made the change."""


class Title(Record):
    """Fields of the title block. Dates and names come from here, never from the clock; empty fields show "-"."""

    owner: str = ""
    """Legal owner of the drawing."""
    number: str = ""
    """Document number; where it is not given, name and short name of the design: mb-20mah-8x10-1A2B3C4D."""
    title: str = ""
    """The product, made from the design where it is not given; each sheet adds what it shows."""
    revision: str = ""
    """Revision of the sheets; the last of ``revisions`` where it is left out."""
    date: Annotated[str, BeforeValidator(_iso_text)] = ""
    """Date of issue, such as 2026-11-23; that of the last of ``revisions`` where it is left out."""
    creator: str = ""
    """Who made the drawing."""
    approver: str = ""
    """Who approved it."""
    document_type: str = "Component drawing"
    """Kind of document, as ISO 7200 asks for."""
    language: str = "en"
    """Language of the document, ISO 639."""
    datasheet: WebAddress = ""
    """Where the datasheet will be found; the KiCad symbol and footprints say it."""
    revisions: tuple[Revision, ...] = Field(default=(), max_length=100)
    """Issues of the drawings, oldest first; the sheets show the last three."""

    @model_validator(mode="after")
    def _revisions_are_in_order(self) -> Self:
        marks = [revision.rev for revision in self.revisions]
        twice = next((mark for index, mark in enumerate(marks) if mark in marks[:index]), None)
        if twice is not None:
            raise refusal(f"revision {twice!r} is listed twice", at="revisions")
        dates = [revision.date for revision in self.revisions]
        if dates != sorted(dates):
            what = f"revisions are not in order of their dates ({', '.join(dates)})"
            raise refusal(what, at="revisions", remedy="list the oldest first")
        if marks and self.revision and self.revision != marks[-1]:
            what = f"revision is {self.revision!r}, but the last of revisions is {marks[-1]!r}"
            raise refusal(what, at="revision", remedy="leave revision out")
        return self

    @property
    def issue(self) -> str:
        """The revision that the sheets are."""
        return self.revision or (self.revisions[-1].rev if self.revisions else "")

    @property
    def issued(self) -> str:
        """The date of issue of the sheets."""
        return self.date or (self.revisions[-1].date if self.revisions else "")
