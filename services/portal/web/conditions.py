"""A condition of SQL put together from parts, its parameters in order; and who may see a record."""

from services.portal.identity.reader import Reader


class Condition:
    """Holds where all of its parts hold."""

    def __init__(self) -> None:
        self.parts: list[str] = ["true"]
        self.parameters: list[object] = []

    def bind(self, *values: object) -> list[str]:
        """Add parameters; returns the names by which SQL calls them."""
        self.parameters += values
        last = len(self.parameters)
        return [f"${n}" for n in range(last - len(values) + 1, last + 1)]

    def add(self, part: str, *values: object) -> None:
        """One part more; `{}` stands for each value in turn."""
        self.parts.append(part.format(*self.bind(*values)))

    @property
    def sql(self) -> str:
        return " and ".join(self.parts)


def visible(reader: Reader, noun: str, row: str) -> Condition:
    """The records of a noun with a table `<noun>_audience` that the reader may see: the SQL of `Reader.sees`. §1b"""
    condition = Condition()
    meant = f"exists (select from {noun}_audience a where a.{noun}_id = {row}.{noun}_id and a.place = any({{}}))"
    condition.add(meant, sorted(reader.places))
    return condition


def visible_here(reader: Reader, row: str) -> Condition:
    """The same for records that keep their audience in a column."""
    condition = Condition()
    condition.add(f"{row}.audience && {{}}::text[]", sorted(reader.places))
    return condition
