"""Forms of a page, filled in with what somebody had typed into them: the page's own HTML, with other values.

Pages are read as our templates write them. Nothing is sent, and nothing is looked at twice: what has no field on the page
any more comes back as left over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin

from raincheck.web.submission import NOT_PART_OF_THE_BODY

TICKED = ("checkbox", "radio")
CONTROLS = ("input", "textarea", "select", "option", "button")
NEVER_FILLED = ("password", "file", "submit", "button", "image", "reset")
Attributes = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Typed:
    """One form as somebody left it: where it goes, what its fields say in their order, and which of them named a file."""

    action: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()

    def names(self) -> set[str]:
        return {name for name, _said in self.fields if name not in NOT_PART_OF_THE_BODY}


@dataclass(slots=True)
class Control:
    """A field of a form, or one of a list's choices: its tag and where that stands; of a textarea its words as well."""

    tag: str
    attributes: Attributes
    begins: int
    ends: int
    words_end: int = 0

    @property
    def name(self) -> str:
        return self.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        return self.attributes.get("type") or "text" if self.tag == "input" else self.tag


@dataclass(slots=True)
class Form:
    """A form of the page: its opening tag, the address it is sent to, what it is folded away in, and its fields."""

    opening: Control
    action: str
    folds: tuple[Control, ...] = ()
    controls: list[Control] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filled:
    """A page with its forms filled in: what had no place there, whether a file has to be chosen again, and where <main> begins."""

    html: str
    left_over: tuple[str, ...]
    wants_files: bool
    main: int


def fill_in(html: str, typed: list[Typed], *, at: str) -> Filled:
    """Return the page at the address `at` with what was typed in its forms."""
    page = _Page(html, at)
    # By place: two forms may be folded away in the same.
    edits: dict[tuple[int, int], str] = {}
    left: list[str] = []
    free = list(page.forms)
    for one in typed:
        form = _meant(free, one)
        values = [(name, said) for name, said in one.fields if name != "csrfmiddlewaretoken"]
        if form is not None:
            free.remove(form)
            edits |= {(begins, ends): text for begins, ends, text in _edits(form, values)}
        left += [said for name, said in values if name not in NOT_PART_OF_THE_BODY]
    wants_files = any(one.files for one in typed)
    main = page.main
    for (begins, ends), text in sorted(edits.items(), reverse=True):
        html = html[:begins] + text + html[ends:]
        if ends <= page.main:
            main += len(text) - (ends - begins)
    return Filled(html, tuple(left), wants_files, main)


def _meant(forms: list[Form], typed: Typed) -> Form | None:
    """Return the form that was typed into: the one that goes there, and of several the one with most of its fields and choices."""

    def likeness(form: Form) -> tuple[bool, int, int]:
        said = {
            (one.name, one.attributes.get("value") or "") for one in form.controls if one.kind == "hidden"
        }
        names = {one.name for one in form.controls}
        same = len(said.intersection(typed.fields))
        return form.action == typed.action, len(names & typed.names()), same

    path = typed.action.partition("?")[0]
    there = [form for form in forms if form.action.partition("?")[0] == path]
    best = max(there, key=likeness, default=None)
    return best if best is not None and likeness(best)[1] else None


def _edits(form: Form, values: list[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Return what has to be written where; takes out of `values` what has found its place."""
    yield form.opening.begins, form.opening.ends, _tag(form.opening, {"data-given-back": None})
    for fold in form.folds:
        yield fold.begins, fold.ends, _tag(fold, {"open": None})
    chosen_in = ""
    for one in form.controls:
        if one.tag == "select":
            chosen_in = one.name
        elif one.tag == "option":
            value = one.attributes.get("value") or ""
            yield one.begins, one.ends, _marked(one, "selected", is_on=_take(values, chosen_in, value))
        elif one.tag == "button":
            _take(values, one.name, one.attributes.get("value") or "")
        elif not one.name or one.kind in NEVER_FILLED or one.name == "csrfmiddlewaretoken":
            continue
        elif one.kind in TICKED:
            value = one.attributes.get("value", "on") or ""
            yield one.begins, one.ends, _marked(one, "checked", is_on=_take(values, one.name, value))
        elif (said := _next(values, one.name)) is None:
            continue
        elif one.tag == "textarea":
            # HTML drops one line end right after the tag.
            yield one.ends, one.words_end, "\n" + escape(said)
        else:
            yield one.begins, one.ends, _tag(one, {"value": said})


def _take(values: list[tuple[str, str]], name: str, value: str) -> bool:
    """Return whether a choice was made, and take it out."""
    is_there = (name, value) in values
    if is_there:
        values.remove((name, value))
    return is_there


def _next(values: list[tuple[str, str]], name: str) -> str | None:
    """Return the next of what stood in fields of this name, and take it out."""
    for place, (known, said) in enumerate(values):
        if known == name:
            del values[place]
            return said
    return None


def _marked(control: Control, mark: str, *, is_on: bool) -> str:
    rest = {name: said for name, said in control.attributes.items() if name != mark}
    return _tag(Control(control.tag, rest, 0, 0), {mark: None} if is_on else {})


def _tag(control: Control, changed: Attributes) -> str:
    said = control.attributes | changed
    written = (name if value is None else f'{name}="{escape(value)}"' for name, value in said.items())
    return f"<{' '.join((control.tag, *written))}>"


class _Page(HTMLParser):
    """A page's forms with the places of their tags."""

    def __init__(self, html: str, at: str) -> None:
        super().__init__()
        self.at = at
        self.forms: list[Form] = []
        self.main = 0
        self._open: Form | None = None
        self._list_of = ""
        self._folds: list[Control] = []
        self._elsewhere: list[tuple[str, Control]] = []
        self._area: Control | None = None
        self._lines = [0, *(place + 1 for place, letter in enumerate(html) if letter == "\n")]
        self.feed(html)
        by_id = {form.opening.attributes.get("id"): form for form in self.forms}
        for named, control in self._elsewhere:
            if named in by_id:
                by_id[named].controls.append(control)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        begins = self._place()
        control = Control(tag, dict(attrs), begins, begins + len(self.get_starttag_text() or ""))
        if tag == "main":
            self.main = control.ends
        elif tag == "details":
            self._folds.append(control)
        elif tag == "form":
            self._open = None
            if (control.attributes.get("method") or "").lower() == "post":
                action = urljoin(self.at, control.attributes.get("action") or self.at)
                self._open = Form(control, action, tuple(self._folds))
                self.forms.append(self._open)
        elif tag in CONTROLS and "disabled" not in control.attributes:
            named = self._list_of if tag == "option" else control.attributes.get("form") or ""
            if tag == "textarea":
                self._area = control
            if tag == "select":
                self._list_of = named
            if named:
                self._elsewhere.append((named, control))
            elif self._open is not None:
                self._open.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "details" and self._folds:
            self._folds.pop()
        elif tag == "textarea" and self._area is not None:
            self._area.words_end = self._place()

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
