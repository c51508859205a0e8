"""Whether a resolved model makes sense:
one `validate_*` a rule, each answering every mistake that it finds.
"""

from collections.abc import Sequence

from thestack.definition.model import ServiceModel
from thestack.definition.validate.accesses import (
    validate_accesses,
    validate_lists_are_served,
    validate_restores,
)
from thestack.definition.validate.between import (
    validate_event_owners,
    validate_foreign_entities,
    validate_heard_events,
    validate_heard_fields,
    validate_sent_messages,
    validate_service_names,
)
from thestack.definition.validate.buckets import validate_areas, validate_bucket_names, validate_told_areas
from thestack.definition.validate.cycles import validate_cycles
from thestack.definition.validate.directives import (
    validate_contexts,
    validate_custom_directives,
    validate_directive_places,
    validate_overrides,
    validate_public_marks,
)
from thestack.definition.validate.entities import (
    validate_index_fields,
    validate_index_sorts,
    validate_key_fields,
    validate_nullable_indexes,
    validate_owner,
    validate_refs_are_served,
)
from thestack.definition.validate.federation import (
    validate_external_fields,
    validate_interface_keys,
    validate_interface_objects,
    validate_referred_keys,
    validate_requires,
    validate_views,
)
from thestack.definition.validate.filters import validate_filters
from thestack.definition.validate.functions import (
    validate_limits,
    validate_permissions,
    validate_requirements,
    validate_variables,
)
from thestack.definition.validate.groups import validate_groups
from thestack.definition.validate.handlers import validate_allow, validate_callers, validate_defaults
from thestack.definition.validate.hooks import validate_hook_names, validate_hook_rules, validate_links
from thestack.definition.validate.keyed import validate_key_parts
from thestack.definition.validate.names import validate_names, validate_service_name
from thestack.definition.validate.placing import (
    validate_beside,
    validate_collections,
    validate_local_indexes,
)
from thestack.definition.validate.polling import (
    validate_batched,
    validate_batches,
    validate_concurrency,
    validate_visibility,
)
from thestack.definition.validate.provided import (
    validate_provider_cycles,
    validate_provider_needs,
    validate_providers,
    validate_secret_names,
)
from thestack.definition.validate.queues import validate_queues
from thestack.definition.validate.rules import (
    validate_hidden_conditions,
    validate_owners_of_fields,
    validate_restricted_fields,
    validate_rules_of_rows,
    validate_tests,
)
from thestack.definition.validate.sending import validate_sent_fields, validate_sent_groups
from thestack.definition.validate.storing import (
    validate_counters,
    validate_expires,
    validate_key_types,
    validate_stamps,
    validate_unique,
)
from thestack.definition.validate.subscriptions import (
    validate_subscriptions_answer_no_pages,
    validate_subscriptions_own_their_queue,
    validate_subscriptions_read,
)
from thestack.definition.validate.timers import validate_crons, validate_intervals, validate_zones
from thestack.definition.validate.versions import validate_newest, validate_upcasters
from thestack.definition.validate.waits import validate_delays, validate_waits
from thestack.diagnostics.diagnostic import Diagnostic

__all__ = ["validate", "validate_together"]


def validate(model: ServiceModel) -> list[Diagnostic]:
    """Every mistake in one service."""
    rules = (
        validate_key_fields,
        validate_owner,
        validate_index_fields,
        validate_index_sorts,
        validate_nullable_indexes,
        validate_key_types,
        validate_unique,
        validate_expires,
        validate_stamps,
        validate_counters,
        validate_beside,
        validate_collections,
        validate_local_indexes,
        validate_service_name,
        validate_names,
        validate_allow,
        validate_refs_are_served,
        validate_lists_are_served,
        validate_accesses,
        validate_restores,
        validate_key_parts,
        validate_callers,
        validate_defaults,
        validate_queues,
        validate_subscriptions_read,
        validate_subscriptions_answer_no_pages,
        validate_subscriptions_own_their_queue,
        validate_directive_places,
        validate_custom_directives,
        validate_contexts,
        validate_public_marks,
        validate_requires,
        validate_views,
        validate_interface_keys,
        validate_groups,
        validate_delays,
        validate_waits,
        validate_batches,
        validate_batched,
        validate_concurrency,
        validate_visibility,
        validate_newest,
        validate_upcasters,
        validate_filters,
        validate_intervals,
        validate_crons,
        validate_zones,
        validate_rules_of_rows,
        validate_owners_of_fields,
        validate_tests,
        validate_restricted_fields,
        validate_hidden_conditions,
        validate_limits,
        validate_variables,
        validate_permissions,
        validate_requirements,
        validate_providers,
        validate_provider_cycles,
        validate_provider_needs,
        validate_secret_names,
        validate_bucket_names,
        validate_areas,
        validate_told_areas,
        validate_hook_names,
        validate_hook_rules,
        validate_links,
    )
    return [mistake for rule in rules for mistake in rule(model)]


def validate_together(models: Sequence[ServiceModel]) -> list[Diagnostic]:
    """Every mistake between services. Where their names are wrong, nothing else is sure."""
    misnamed = list(validate_service_names(models))
    if misnamed:
        return misnamed
    rules = (
        validate_event_owners,
        validate_heard_events,
        validate_heard_fields,
        validate_foreign_entities,
        validate_sent_messages,
        validate_referred_keys,
        validate_external_fields,
        validate_interface_objects,
        validate_sent_groups,
        validate_sent_fields,
        validate_cycles,
        validate_overrides,
    )
    return [mistake for rule in rules for mistake in rule(models)]
