"""The ServiceModel: what a service is, as frozen data.

It is the only thing that passes from the definition to runtime, infra, contract and local. References to
functions and classes are carried for the runtime alone; everything that infra and contract need is plain
data.
"""

from thestack.definition.model.buckets import BucketModel
from thestack.definition.model.handlers import (
    ArgumentModel,
    Capability,
    ComputedFieldModel,
    ConsumerModel,
    DependencyModel,
    HandlerModel,
    HookModel,
    OperationModel,
    Polling,
    ProviderModel,
    ScheduleModel,
    SecretModel,
    SubscriptionModel,
    Trigger,
)
from thestack.definition.model.service import ServiceModel
from thestack.definition.model.shapes import (
    AwsEventModel,
    EntityModel,
    EventModel,
    ForeignModel,
    IndexModel,
    InputModel,
    InterfaceModel,
    MessageModel,
    UpcasterModel,
    ValueModel,
)
from thestack.definition.model.types import (
    EnumModel,
    FieldModel,
    Kind,
    ProblemModel,
    ScalarModel,
    TypeRef,
    UnionModel,
)
from thestack.definition.options import Function, Permission, Retry

__all__ = [
    "ArgumentModel",
    "AwsEventModel",
    "BucketModel",
    "Capability",
    "ComputedFieldModel",
    "ConsumerModel",
    "DependencyModel",
    "EntityModel",
    "EnumModel",
    "EventModel",
    "FieldModel",
    "ForeignModel",
    "Function",
    "HandlerModel",
    "HookModel",
    "IndexModel",
    "InputModel",
    "InterfaceModel",
    "Kind",
    "MessageModel",
    "OperationModel",
    "Permission",
    "Polling",
    "ProblemModel",
    "ProviderModel",
    "Retry",
    "ScalarModel",
    "ScheduleModel",
    "SecretModel",
    "ServiceModel",
    "SubscriptionModel",
    "Trigger",
    "TypeRef",
    "UnionModel",
    "UpcasterModel",
    "ValueModel",
]
