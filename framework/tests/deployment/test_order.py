"""After which services the router's supergraph is made anew."""

from thestack.deployment.deploying import in_order


def test_by_itself_every_service_has_the_routers_step_after_it() -> None:
    assert in_order(["todo", "media"], is_first=False) == [["todo"], ["media"]]


def test_where_the_router_is_named_it_comes_there_and_nowhere_else() -> None:
    assert in_order(["todo", "media", "router", "analytics", "router"], is_first=False) == [
        ["todo", "media"],
        ["analytics"],
    ]


def test_what_no_router_follows_is_deployed_and_not_served() -> None:
    assert in_order(["router", "todo"], is_first=False) == [[], ["todo", ""]]


def test_the_first_deployment_of_an_environment_is_one_group() -> None:
    assert in_order(["platform", "todo", "media"], is_first=True) == [["platform", "todo", "media"]]
