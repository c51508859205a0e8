"""From a recorded Service to its ServiceModel, with every mistake met on the way.

`build` resolves names and types; whether the resolved model makes sense is for `validate`.
"""

import inspect
import sys
from collections.abc import Collection, Iterable
from types import ModuleType
from typing import Any, get_args

from thestack.definition import annotations as ann
from thestack.definition.consuming import Consumers
from thestack.definition.crud import Crud
from thestack.definition.crud_inputs import CrudInputs
from thestack.definition.crud_mistakes import crud_mistakes
from thestack.definition.handling import Handlers
from thestack.definition.hooking import hook
from thestack.definition.model import (
    AwsEventModel,
    BucketModel,
    ComputedFieldModel,
    EntityModel,
    EventModel,
    ForeignModel,
    InputModel,
    InterfaceModel,
    MessageModel,
    OperationModel,
    ServiceModel,
    ValueModel,
)
from thestack.definition.rules import Denied
from thestack.definition.service import Recorded, RecordedCrud, Service
from thestack.definition.shapes import Entity, Foreign, Interface, Shape, Value, camel
from thestack.definition.shaping import Shapes
from thestack.diagnostics.diagnostic import Diagnostic, Part


def build(service: Service, module: ModuleType) -> tuple[ServiceModel, list[Diagnostic]]:
    """The model of a service and the mistakes found while resolving it;
    the model is whole only if there are none.
    """
    return _Builder(service, module).build()


class _Builder:
    """One build."""

    def __init__(self, service: Service, module: ModuleType) -> None:
        self.service, self.module = service, module
        self.shapes = Shapes(service.name)
        self.handlers = Handlers(self.shapes)
        self.consumers = Consumers(self.handlers, service.name)
        files = {part.site.file for part in service.parts}
        self.modules = [module, *(each for each in list(sys.modules.values()) if _file(each) in files)]

    def build(self) -> tuple[ServiceModel, list[Diagnostic]]:
        for module in self.modules:
            for value in list(vars(module).values()):
                if isinstance(value, type) and issubclass(value, Shape) and self.is_own(value):
                    self.shapes.shape(value)
        self.handlers.ports = {
            made for each in self.of("provide") if (made := self.handlers.port(each)) is not None
        }
        providers = [self.handlers.provider(each) for each in self.of("provide")]
        operations = [self.operation(each) for each in self.of("query", "mutation")]
        taken = {(each.kind, each.graphql) for each in operations if each}
        operations += [made for crud in self.service.recorded_cruds for made in self.crud(crud, taken)]
        computed = [self.computed(each) for each in self.of("field", "batch_field")]
        upcasters = [self.consumers.upcaster(each) for each in self.of("upcast")]
        consumers = [self.consumers.consumer(each) for each in self.of("on", "queue")]
        consumers += [self.consumers.timer(each) for each in self.of("timer")]
        hooks = [hook(self.handlers, each) for each in self.of("hook")]
        subscriptions = [self.consumers.subscription(each) for each in self.of("subscription")]
        foreign_events = self.shapes.found(EventModel, lambda event: event.source != self.service.name)
        messages = self.shapes.found(MessageModel, lambda message: message.service == self.service.name)
        model = ServiceModel(
            name=self.service.name,
            module=self.module.__name__,
            page_default=self.service.page[0],
            page_maximum=self.service.page[1],
            entities=self.shapes.found(EntityModel),
            foreigns=self.shapes.found(ForeignModel),
            inputs=self.shapes.found(InputModel),
            enums=tuple(sorted(self.shapes.enums.values(), key=lambda enum: enum.name)),
            events=self.shapes.found(EventModel, lambda event: event.source == self.service.name),
            foreign_events=foreign_events,
            messages=messages,
            foreign_messages=self.shapes.found(
                MessageModel, lambda message: message.service != self.service.name
            ),
            operations=tuple(each for each in operations if each),
            computed=tuple(each for each in computed if each),
            consumers=tuple(each for each in consumers if each),
            site=self.service.site,
            description=inspect.getdoc(self.module) or "",
            interfaces=self.shapes.found(InterfaceModel),
            values=self.shapes.found(ValueModel),
            unions=tuple(sorted(self.shapes.unions.values(), key=lambda union: union.name)),
            problems=tuple(sorted(self.shapes.problems.values(), key=lambda problem: problem.name)),
            scalars=tuple(sorted(self.shapes.scalars.values(), key=lambda scalar: scalar.name)),
            subscriptions=tuple(each for each in subscriptions if each),
            upcasters=tuple(each for each in upcasters if each),
            providers=tuple(each for each in providers if each),
            aws_events=self.shapes.found(AwsEventModel),
            buckets=self.shapes.found(BucketModel),
            function=self.service.function,
            hooks=tuple(each for each in hooks if each),
        )
        return model, self.shapes.diagnostics

    def is_own(self, shape: type[Shape]) -> bool:
        names = {module.__name__ for module in self.modules}
        return shape.__module__ in names and not ann.is_parametrised(shape)

    def of(self, *kinds: str) -> list[Recorded]:
        return [each for each in self.service.recorded if each.kind in kinds]

    def operation(self, recorded: Recorded) -> OperationModel | None:
        handler = self.handlers.handler(recorded, self.handlers.parameters(recorded))
        returns = self.handlers.returns(recorded)
        if returns is None:
            return None
        name = camel(recorded.function.__name__)
        directives = tuple(recorded.options.get("directives", ()))
        return OperationModel(recorded.kind, name, handler, returns, recorded.allow or Denied(), directives)

    def crud(self, recorded: RecordedCrud, taken: Collection[tuple[str, str]]) -> Iterable[OperationModel]:
        """The operations that are generated for an entity; one that was written out takes its place."""
        self.shapes.shape(recorded.entity)
        entity: EntityModel = self.shapes.models[recorded.entity]
        scope = ann.module_scope(recorded.entity)
        annotations = {
            name: ann.evaluate(raw, scope)
            for name, raw in ann.own_annotations(recorded.entity, Shape).items()
            if name in {field.name for field in entity.fields}
        }
        foreigns = {each.name: each for each in self.shapes.found(ForeignModel)}
        inputs = CrudInputs(entity, annotations, foreigns, recorded.site)
        crud = Crud(recorded, entity, inputs)
        for mistake in crud_mistakes(recorded, entity, inputs, crud.verbs(taken)):
            part = Part("keyword", mistake.keyword)
            self.shapes.report(mistake.code, mistake.message, recorded, part, mistake.help)
        for operation in crud.operations(taken):
            for argument in operation.handler.arguments:
                self.shapes.collect(argument.type)
            yield operation

    def computed(self, recorded: Recorded) -> ComputedFieldModel | None:
        parameters = self.handlers.parameters(recorded)
        given = next((each for each in parameters if each.kind == "given"), None)
        parent: Any = given.annotation if given else None
        batch = recorded.kind == "batch_field"
        if batch:
            parent = next(iter(get_args(parent)), None)
        if not _is_unresolved(given) and not ann.is_declared(parent, Entity, Foreign, Interface, Value):
            message = "a field's first parameter is its parent, an Entity or Foreign"
            begin = "todos: Sequence[Todo]" if batch else "todo: Todo"
            self.shapes.report("S0703", message, recorded, Part("name"), f"Begin with `({begin}, /, ...)`.")
            return None
        handler, returns = self.handlers.handler(recorded, parameters), self.handlers.returns(recorded)
        if _is_unresolved(given) or returns is None:
            return None
        self.shapes.shape(parent)
        if batch:
            if returns.item is None:
                help = "Answer `list[X]`: one value for each parent, in their order."
                self.shapes.report("S0703", "a batch field answers a list", recorded, Part("returns"), help)
                return None
            returns = returns.item
        name = camel(recorded.function.__name__)
        parent_name, directives = ann.graphql_name(parent), tuple(recorded.options.get("directives", ()))
        view = parent.__name__ if parent.__name__ != parent_name else None
        return ComputedFieldModel(
            parent_name, name, handler, returns, recorded.allow, batch, directives, view
        )


def _is_unresolved(parameter: ann.Parameter | None) -> bool:
    """Whether a parameter is there whose type is a mistake that was reported."""
    return parameter is not None and parameter.annotation is None


def _file(module: ModuleType) -> str | None:
    return getattr(module, "__file__", None)
