"""What is added up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sum:
    """How many there are, and of what else they add up to: bytes, seconds."""

    count: int = 0
    total: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.total + other.total)

    def __neg__(self) -> "Sum":
        return Sum(-self.count, -self.total)
