"""That a queue is read as Lambda's event sources can read it."""

import inspect
from collections.abc import Iterator
from datetime import timedelta

from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part

SMALL_BATCH, LARGEST_BATCH = 10, 10_000
SHORTEST_WINDOW, LONGEST_WINDOW = timedelta(seconds=1), timedelta(minutes=5)
LOWEST_CONCURRENCY, HIGHEST_CONCURRENCY = 2, 1000
LONGEST_VISIBILITY = timedelta(hours=12)
TIMEOUTS = 6


def validate_batches(model: ServiceModel) -> Iterator[Diagnostic]:
    """A batch is of 10,000 messages at most; of more than ten where the queue is waited for, and keeps no
    order.
    """
    for consumer in model.consumers:
        batch, window = consumer.polling.batch, consumer.polling.window
        if consumer.is_fifo and window:
            message = "nobody waits for a batch of a queue that keeps order"
            yield _mistake("S0615", message, consumer, "window", "Delete it.")
        elif not timedelta() <= window <= LONGEST_WINDOW:
            message = f"a batch is waited for from 0 to 5 minutes, not for {window}"
            help = "Write `window=timedelta(minutes=5)`." if window else "Delete it."
            yield _mistake("S0615", message, consumer, "window", help)
        largest = SMALL_BATCH if consumer.is_fifo else LARGEST_BATCH
        if not 1 <= batch <= largest:
            of = " of a queue that keeps order" if consumer.is_fifo else ""
            message = f"a batch{of} has from 1 to {largest} messages, not {batch}"
            help = f"Write `batch={largest if batch > largest else 1}`."
            yield _mistake("S0615", message, consumer, "batch", help)
        elif batch > SMALL_BATCH and window < SHORTEST_WINDOW:
            message = f"more than {SMALL_BATCH} messages never come at once: {batch} must be waited for"
            help = "Add `window=timedelta(seconds=1)`."
            yield _mistake("S0615", message, consumer, "batch", help)


def validate_batched(model: ServiceModel) -> Iterator[Diagnostic]:
    """What is taken in order is taken one by one: of a batch that fails, parts would come later."""
    for consumer in model.consumers:
        if consumer.batched and consumer.is_fifo:
            name = consumer.reads[0].__name__
            given = next(iter(inspect.signature(consumer.handler.function).parameters))
            message = f"`{consumer.name}` takes many at once of a queue that keeps order"
            at = Part("parameter", given)
            yield Diagnostic("S0621", message, consumer.handler.site, at, f"Write `{given}: {name}`.")


def validate_concurrency(model: ServiceModel) -> Iterator[Diagnostic]:
    """A queue is read by 2 to 1000 functions at once."""
    for consumer in model.consumers:
        given = consumer.polling.concurrency
        if given is not None and not LOWEST_CONCURRENCY <= given <= HIGHEST_CONCURRENCY:
            message = f"a queue is read by from 2 to 1000 functions at once, not by {given}"
            nearest = LOWEST_CONCURRENCY if given < LOWEST_CONCURRENCY else HIGHEST_CONCURRENCY
            yield _mistake("S0616", message, consumer, "concurrency", f"Write `concurrency={nearest}`.")


def validate_visibility(model: ServiceModel) -> Iterator[Diagnostic]:
    """A message is hidden for long enough to be worked on: six timeouts, and the window; 12 hours at most.

    Where the environment gives the timeout, its templates are checked instead.
    """
    for consumer in model.consumers:
        given, timeout = consumer.polling.visibility, consumer.function.timeout
        if given is None:
            continue
        least = TIMEOUTS * timeout + consumer.polling.window if timeout else timedelta(seconds=1)
        if given < least:
            message = f"messages come again after {given}, while they may be worked on for {least}"
            seconds = int(least.total_seconds())
            help = f"Write `visibility=timedelta(seconds={seconds})`: six times the timeout, and the window."
            yield _mistake("S0617", message, consumer, "visibility", help)
        elif given > LONGEST_VISIBILITY:
            message = f"a queue hides a message for 12 hours at most, not for {given}"
            help = "Write `visibility=timedelta(hours=12)`."
            yield _mistake("S0617", message, consumer, "visibility", help)


def _mistake(code: str, message: str, consumer: ConsumerModel, keyword: str, help: str) -> Diagnostic:
    return Diagnostic(code, message, consumer.handler.site, Part("decorator", keyword), help)
