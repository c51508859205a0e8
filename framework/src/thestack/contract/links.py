"""Which directives a text uses, and the @link that imports them."""

from thestack.definition.directives import Constant, Directive

GRAPHQLS_OWN = frozenset({"deprecated", "specifiedBy", "oneOf"})
"""Directives that every GraphQL server knows; the others are for composition alone."""
SPECIFICATION = "https://specs.apollo.dev/federation/v2."
OLDEST = 3
"""The minor version that is linked where nothing newer is used: the first with keys on interfaces."""
SINCE = {
    "authenticated": 5,
    "requiresScopes": 5,
    "policy": 6,
    "context": 8,
    "fromContext": 8,
    "cost": 9,
    "listSize": 9,
}
"""The minor version that a directive came with, where it is not the oldest."""


class Directives:
    """Writes directives into one text: all of them for composition (`federated`), else GraphQL's own.

    `header` is the schema extension that the text needs for what was written by then.
    """

    def __init__(self, *, federated: bool) -> None:
        self._federated = federated
        self._written: dict[str, list[Directive]] = {}

    def __call__(self, *directives: Directive) -> str:
        """The directives as they stand behind what they are on, each with a space before it."""
        shown = [each for each in directives if self._federated or each.name in GRAPHQLS_OWN]
        for each in shown:
            self._written.setdefault(each.name, []).append(each)
        return "".join(f" {each}" for each in shown)

    @property
    def header(self) -> str:
        """`extend schema @link(...)`, and the definitions of custom directives."""
        custom = {name: uses[0] for name, uses in sorted(self._written.items()) if uses[0].definition}
        federations = self._written.keys() - GRAPHQLS_OWN - custom.keys()
        if custom:
            federations |= {"composeDirective"}
        links = [Directive("link", _link(f"{SPECIFICATION}{self._minor}", federations))]
        for url in sorted({each.url for each in custom.values()}):
            links.append(
                Directive("link", _link(url, {name for name, each in custom.items() if each.url == url}))
            )
        links += [Directive("composeDirective", {"name": f"@{name}"}) for name in custom]
        extension = "extend schema\n" + "\n".join(f"  {each}" for each in links)
        return "\n\n".join([extension, *(each.definition.strip() for each in custom.values())])

    @property
    def _minor(self) -> int:
        return max((_since(each) for uses in self._written.values() for each in uses), default=OLDEST)


def _since(directive: Directive) -> int:
    if directive.name == "override" and "label" in directive.arguments:
        return 7
    return OLDEST if directive.definition else SINCE.get(directive.name, OLDEST)


def _link(url: str, names: "set[str]") -> dict[str, Constant]:
    return {"url": url, "import": [f"@{name}" for name in sorted(names)]}
