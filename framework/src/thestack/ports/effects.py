"""What may be known of an effect outside the transaction that did not answer."""


class Uncertain(Exception):
    """The other side did not answer: the effect may have happened, or not.

    An adapter raises it for time-outs and broken connections, so that `Once` counts the start and repeats the
    effect at most once more.
    Any other exception says that nothing happened, and the effect may be tried again as often as it fails.
    """
