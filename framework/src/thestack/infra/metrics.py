"""The metrics that alarms and dashboards are made of, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from thestack.definition import names


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of CloudWatch; `stat` is how its values in a period become one: Sum, Maximum, p99."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str = "Sum"

    @property
    def named(self) -> list[dict[str, str]]:
        """Its dimensions, as CloudFormation writes them."""
        return [{"name": name, "value": value} for name, value in self.dimensions.items()]

    def as_stat(self, stat: str) -> "Metric":
        """The same metric, summed up another way."""
        return replace(self, stat=stat)


def of_function(function: str, name: str, stat: str = "Sum") -> Metric:
    """What Lambda says of a function: Invocations, Errors, Throttles, Duration, IteratorAge."""
    return Metric("AWS/Lambda", name, {"FunctionName": function}, stat)


def of_all_functions(name: str, stat: str = "Sum") -> Metric:
    """The same of all functions of the account in this region together."""
    return Metric("AWS/Lambda", name, {}, stat)


def of_queue(queue: str, name: str) -> Metric:
    """What SQS says of a queue."""
    return Metric("AWS/SQS", name, {"QueueName": queue}, "Maximum")


def of_table(table: str, name: str) -> Metric:
    """What DynamoDB says of a table, without its indexes."""
    return Metric("AWS/DynamoDB", name, {"TableName": table})


def of_own(environment: str, service: str, name: str) -> Metric:
    """What functions say of themselves, by a line in their log that CloudWatch makes a metric of. A service's
    functions say it together.
    """
    return Metric(names.metrics(environment), name, {"service": service})


WAITING = "ApproximateNumberOfMessagesVisible"
OLDEST = "ApproximateAgeOfOldestMessage"
