"""Every text in every language, read for sample visits, and said otherwise. `/office/texts`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from babel import Locale
from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, TemplateError, meta

from api.deps import ReadDep, StaffDep, WorkDep, the_runtime
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.knobs import currency_of
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.principal import Principal
from api.refusals import VersionConflict
from api.strict import router
from dispatch.errors import DispatchError, NotFound
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.work import Work
from notifications.languages import SHIPPED, SOURCE, Wording
from notifications.messages import CATALOGUE, PARTS, WHEN, Kind
from notifications.proofreading import LONGEST_TEMPLATE, Finding, proofread, texts_with, why_unfit
from notifications.render import ENVIRONMENT, FIRST_TEXT, environment_for, fill
from notifications.samples import list_samples
from notifications.segments import Size, measure, simplify
from notifications.wordings.actions import reword, say_again, say_as_shipped
from notifications.wordings.queries import list_versions, own_wording, wording_of

routes = router("/office/texts", "office", include_in_schema=False, default_response_class=HTMLResponse)

LANGUAGES = {language: str(Locale.parse(language).english_name) for language in SHIPPED}
FEW_PREVIEWS = 40


@dataclass(frozen=True, slots=True)
class Preview:
    """One text as a phone shows it, the sample visits that get it, and what it takes to send."""

    body: str
    visits: list[str]
    size: Size


@dataclass(frozen=True, slots=True)
class Line:
    """A text in the list: how it reads for the first sample visit, and from how many segments to how many it takes."""

    name: str
    title: str
    says: str
    body: str
    least: int
    most: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class House:
    """In whose name and from where texts are written, and what a segment costs; 0 is not known."""

    company: str
    base_url: str
    price: Decimal

    def cost(self, segments: int) -> str:
        return f"{(self.price * segments).normalize():f}" if self.price else ""


@routes.get("")
def show_all(request: Request, work: ReadDep, who: StaffDep, language: str = SOURCE) -> Response:
    _require_known(language)
    own = own_wording(work.session, language)
    return _shown(
        request,
        work,
        who,
        "office_texts.html",
        language=language,
        lines=list(_lines(_house(request), language, own)),
        parts_of_texts=[(name, title_of(name), PARTS[name], name in own) for name in PARTS],
    )


@routes.get("/{language}/{name}")
def show(
    language: str, name: str, request: Request, work: ReadDep, who: StaffDep, saved: bool = False
) -> Response:
    template = _require_known(language, name)
    return _page(request, work, who, language, template, _stored(work, language, template), saved=saved)


@routes.post("/{language}/{name}/look")
def look(
    language: str,
    name: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: ReadDep,
    who: StaffDep,
) -> Response:
    """What is typed, read for every sample visit; nothing is saved."""
    template = _require_known(language, name)
    stored = _stored(work, language, template)
    form = Form({"text": _typed_text(typed)}, stored.stored, stored.version)
    return _page(request, work, who, language, template, form, looked=True)


@routes.get("/{language}/{name}/look")
def back(language: str, name: str, who: StaffDep) -> Response:
    """Whoever comes to that address again finds the page itself."""
    _require_known(language, name)
    return RedirectResponse(f"/office/texts/{language}/{name}", 303)


@routes.post("/{language}/{name}")
def save(
    language: str,
    name: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    template, house = _require_known(language, name), _house(request)

    def again(fresh: Work, error: DispatchError) -> Response:
        stored = _stored(fresh, language, template)
        return _page(request, fresh, who, language, template, stored.again(typed, error))

    with shown_again(again):
        reading = Reading(typed)
        seen, text = reading.version(), _lines_as_ours(reading.text("text", LONGEST_TEMPLATE * 2))
        reading.require()
        _require_seen(work, language, template, seen, text)
        reword(work, language, template, text, company=house.company, base_url=house.base_url)
    return RedirectResponse(f"/office/texts/{language}/{name}?saved=1", 303)


@routes.post("/{language}/{name}/again")
def restore(
    language: str,
    name: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    """An earlier version, or with version 0 the text as it is shipped."""
    template, house = _require_known(language, name), _house(request)

    def again(fresh: Work, error: DispatchError) -> Response:
        stored = _stored(fresh, language, template)
        texts = {str(row.version): row.text for row in list_versions(fresh.session, language, template)}
        asked_for = texts.get(typed.values.get("version", "")) or stored.value("text")
        form = Form({"text": asked_for}, stored.stored, stored.version, error)
        return _page(request, fresh, who, language, template, form)

    with shown_again(again):
        reading = Reading(typed)
        version = reading.version()
        reading.require()
        if version:
            say_again(work, language, template, version, company=house.company, base_url=house.base_url)
        else:
            say_as_shipped(work, language, template)
    return RedirectResponse(f"/office/texts/{language}/{name}?saved=1", 303)


def title_of(template: str) -> str:
    words = template.removesuffix(".txt").strip("_").replace("_", " ")
    return words[:1].upper() + words[1:]


def _require_known(language: str, name: str = "") -> str:
    """The template of that name. Raises NotFound for a language or a text that there is not."""
    template = f"{name}.txt"
    if language not in SHIPPED or (name and template not in _templates()):
        raise NotFound("There is no such text.")
    return template


def _templates() -> set[str]:
    return {kind.template for kind in CATALOGUE.values()} | set(PARTS)


def _house(request: Request) -> House:
    settings = the_runtime(request).settings
    return House(settings.company, settings.base_url, settings.segment_price)


def _require_seen(work: Work, language: str, template: str, seen: int, text: str) -> None:
    """Raises VersionConflict where somebody else saved something else since the form was filled in."""
    stored = _stored(work, language, template)
    if seen != stored.version and text != stored.value("text"):
        raise VersionConflict(
            "Somebody saved another wording while you wrote yours. Yours is still here, the saved one stands "
            "beside it. Press again to save yours.",
            current_version=stored.version,
        )


def _stored(work: Work, language: str, template: str) -> Form:
    versions = list_versions(work.session, language, template)
    text = wording_of(work.session, language)[template]
    return Form.of({"text": text}, versions[0].version if versions else 0)


def _typed_text(typed: Typed) -> str:
    return _lines_as_ours(typed.values.get("text", "").strip())


def _lines_as_ours(text: str) -> str:
    """A browser ends its lines in two signs; a template of ours in one."""
    return text.replace("\r\n", "\n")


def _lines(house: House, language: str, own: Wording) -> Iterator[Line]:
    environment = environment_for(language, {**SHIPPED[language], **own})
    for purpose, kind in CATALOGUE.items():
        shown = _previews(house, language, kind, environment)
        counts = [preview.size.segments for preview in shown] or [0]
        yield Line(
            purpose,
            title_of(purpose),
            WHEN[purpose],
            shown[0].body if shown else "It cannot be written any more; the shipped text goes out.",
            min(counts),
            max(counts),
            kind.template in own,
        )


def _previews(house: House, language: str, kind: Kind, environment: Environment) -> list[Preview]:
    """The text for every sample visit that it can be written for, each wording once."""
    found: dict[str, list[str]] = {}
    for sample in list_samples(kind.purpose, language, house.company, house.base_url):
        try:
            body = simplify(fill(language, kind.template, sample.values, environment))
        except TemplateError:
            continue  # the proofreading says which visit and why
        found.setdefault(body, []).append(sample.name)
    return [Preview(body, visits, measure(body)) for body, visits in found.items()]


def _page(
    request: Request,
    work: Work,
    who: Principal,
    language: str,
    template: str,
    form: Form,
    *,
    saved: bool = False,
    looked: bool = False,
) -> Response:
    house = _house(request)
    wording = {**wording_of(work.session, language), template: _lines_as_ours(form.value("text").strip())}
    findings = _merged(proofread(language, template, wording, house.company, house.base_url))
    previews = _all_previews(house, language, template, wording)
    return _shown(
        request,
        work,
        who,
        "office_text.html",
        status=status_of(form.error) if form.error else 200,
        language=language,
        text_name=template.removesuffix(".txt"),
        title=title_of(template),
        says=PARTS.get(template) or f"Goes out when {WHEN[template.removesuffix('.txt')]}.",
        form=form,
        findings=findings,
        previews=previews[:FEW_PREVIEWS],
        versions=[(row, _name_of(work, row.by)) for row in list_versions(work.session, language, template)],
        named=list(_named(house, language, template)),
        shipped=SHIPPED[language][template],
        is_own=template in own_wording(work.session, language),
        longest=LONGEST_TEMPLATE,
        saved=saved,
        looked=looked,
    )


def _all_previews(house: House, language: str, template: str, wording: Wording) -> list[Preview]:
    """The text for its sample visits, or for a part the texts in which it stands; nothing for what is unfit."""
    if why_unfit(wording[template]):
        return []
    environment = environment_for(language, wording)
    if template == FIRST_TEXT:
        return _first_text(language, environment)
    kinds = texts_with(template, wording)
    return [preview for kind in kinds for preview in _previews(house, language, kind, environment)]


def _first_text(language: str, environment: Environment) -> list[Preview]:
    try:
        body = fill(language, FIRST_TEXT, {}, environment)
    except TemplateError:
        return []
    return [Preview(body, ["every phone that gets its first text"], measure(body))]


def _named(house: House, language: str, template: str) -> Iterator[tuple[str, str]]:
    """The values that the shipped text fills in, and what stands there for the first sample visit."""
    wording = SHIPPED[language]
    names = meta.find_undeclared_variables(ENVIRONMENT.parse(wording[template]))
    for kind in texts_with(template, wording)[:1]:
        values = list_samples(kind.purpose, language, house.company, house.base_url)[0].values
        yield from ((name, values[name]) for name in sorted(names) if isinstance(values[name], str))


def _merged(findings: list[Finding]) -> list[Finding]:
    """Each sentence once, however many texts it is about."""
    return list({(found.sentence, found.is_error): found for found in findings}.values())


def _name_of(work: Work, actor: str) -> str:
    person = find_dispatcher(work.session, actor.partition(":")[2])
    return person.name if person else "the office"


def _shown(
    request: Request, work: Work, who: Principal, page: str, *, status: int = 200, **values: object
) -> Response:
    house = _house(request)
    country = get_territory(work.session, who.territory_id or "").country
    return staff_page(
        request,
        work,
        who,
        page,
        status=status,
        languages=LANGUAGES,
        cost=house.cost,
        currency=currency_of(country),
        **values,
    )
