"""From a definition file to its ServiceModel:
the file is run, built and validated, and every mistake is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from thestack.definition.build import build
from thestack.definition.execute import Execution, forget
from thestack.definition.keywords import validate_keywords
from thestack.definition.model import ServiceModel
from thestack.definition.service import Service
from thestack.definition.validate import validate, validate_together
from thestack.definition.validate.between import validate_service_names
from thestack.diagnostics.diagnostic import DefinitionError, Diagnostic, nearest
from thestack.diagnostics.site import Site

# What these miss may stand in what did not run or could not be understood.
ABSENCES = frozenset({"S0601", "S0603", "S0606"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one definition file came to.

    `model` is there if there are no mistakes, `module` if the file ran. `draft` is the model as far as it
    could be made, for
    checks between services.
    """

    file: Path
    model: ServiceModel | None
    diagnostics: tuple[Diagnostic, ...]
    module: ModuleType | None = None
    draft: ServiceModel | None = None


def load(path: Path, root: Path) -> Loaded:
    """Load the definition file `path`, a module of the project at `root`. Mistakes are returned, never
    raised.

    A module that this process has imported from the same file before is taken as it is, so that its types are
    the same ones
    for everybody; a process that is to see a changed file must be a new one.

    Example: `load(root / "services/todo/service.py", root).model`.
    """
    path, root = path.resolve(), root.resolve()
    run = Execution(path, root)
    draft, mistakes = _draft(run)
    found = tuple(dict.fromkeys((*run.mistakes, *mistakes)))
    if found:
        forget(run.name)
    return Loaded(path, None if found else draft, found, run.module, draft)


def load_all(root: Path, only: Sequence[str] = ()) -> Sequence[Loaded]:
    """Load every `services/*/service.py` and check what they expect of each other;
    answer those named in `only`, or all.
    """
    folder = root.resolve() / "services"
    loaded = [load(file, root) for file in sorted(folder.glob("*/service.py"))]
    ran = all(
        each.draft and not any(mistake.code == "S0001" for mistake in each.diagnostics) for each in loaded
    )
    drafts = [each.draft for each in loaded if each.draft]
    between = list(_but(frozenset() if ran else ABSENCES, validate_together(drafts)))
    known = {each.file.parent.name: _with(each, between) for each in loaded}
    return [known.get(name) or _absent(folder, name, known) for name in only or known]


def models(root: Path, only: Sequence[str] = ()) -> tuple[ServiceModel, ...]:
    """The models of the project's services, by their folders' names.

    Raises `DefinitionError` with the mistakes of all of them.
    """
    loaded = load_all(root, only)
    mistakes = [mistake for each in loaded for mistake in each.diagnostics]
    if mistakes:
        raise DefinitionError(mistakes)
    return tuple(each.model for each in loaded if each.model)


def models_alone(root: Path, names: Sequence[str]) -> tuple[ServiceModel, ...]:
    """The models of these services, each by itself: no other service's folder is needed, and what one expects
    of others is not looked at.

    Raises `DefinitionError` with the mistakes of all of them.
    """
    folder = root.resolve() / "services"
    known = [file.parent.name for file in folder.glob("*/service.py")]
    loaded = [
        load(folder / name / "service.py", root) if name in known else _absent(folder, name, known)
        for name in names
    ]
    found = [each.model for each in loaded if each.model]
    mistakes = [mistake for each in loaded for mistake in each.diagnostics]
    mistakes += validate_service_names(found)
    if mistakes:
        raise DefinitionError(mistakes)
    return tuple(found)


def _draft(run: Execution) -> tuple[ServiceModel | None, list[Diagnostic]]:
    """The model of a file that ran, as far as it can be made, and what is wrong with it."""
    if run.module is None or not run.is_sound:
        return None, []
    service, mistakes = _service(run.module, run.path)
    if service is None:
        return None, [] if run.mistakes else mistakes
    mistyped = validate_keywords(service, run.module)
    if mistyped:
        return None, [*mistakes, *mistyped]
    draft, wrong = build(service, run.module)
    consumers = sum(each.kind in ("on", "queue") for each in service.recorded)
    is_whole = not run.mistakes and len(draft.consumers) == consumers
    judged = _but(frozenset() if is_whole else ABSENCES, validate(draft))
    return draft, [*mistakes, *wrong, *(each for each in judged if not _follows(each, wrong))]


def _service(module: ModuleType, path: Path) -> tuple[Service | None, list[Diagnostic]]:
    """The one Service that the module defines."""
    values = {id(value): value for value in vars(module).values() if isinstance(value, Service)}
    found = sorted(values.values(), key=lambda service: service.site.line)
    if not found:
        help = f'Write `service = Service("{path.parent.name}")` above the first handler.'
        return None, [Diagnostic("S0002", "this file defines no Service", Site(str(path), 1), help=help)]
    first, *others = found
    help = "One service.py defines one service: move what belongs to this one to a folder of its own."
    message = f"a second Service in this file, after `{first.name}`"
    return first, [Diagnostic("S0002", message, other.site, help=help) for other in others]


def _but(codes: frozenset[str], diagnostics: Iterable[Diagnostic]) -> Iterable[Diagnostic]:
    return (each for each in diagnostics if each.code not in codes)


def _follows(mistake: Diagnostic, earlier: Iterable[Diagnostic]) -> bool:
    """Whether a mistake misses a field only because the field's own type is a mistake."""
    fields = (each.part.name for each in earlier if each.part.kind == "field" and each.site == mistake.site)
    return any(f"`{name}`" in mistake.message for name in fields)


def _with(loaded: Loaded, between: Sequence[Diagnostic]) -> Loaded:
    """The same with what was found between services, as far as it concerns this one."""
    own = [each for each in between if Path(each.site.file).resolve().is_relative_to(loaded.file.parent)]
    if not own:
        return loaded
    if loaded.module:
        forget(loaded.module.__name__)
    found = tuple(dict.fromkeys((*loaded.diagnostics, *own)))
    return Loaded(loaded.file, None, found, loaded.module, loaded.draft)


def _absent(folder: Path, name: str, known: Iterable[str]) -> Loaded:
    file = folder / name / "service.py"
    message = f"there is no service `{name}`"
    return Loaded(file, None, (Diagnostic("S0001", message, Site(str(file), 1), help=nearest(name, known)),))
