"""A browser without JavaScript: reads a page, fills in its forms and presses its buttons, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from fastapi.testclient import TestClient

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Node:
    """One element: its attributes, its children, and the text in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join("".join(parts).split())

    @property
    def is_shown(self) -> bool:
        """Whether a browser without scripts shows it."""
        return "hidden" not in self.attributes and (self.tag != "dialog" or "open" in self.attributes)

    def every(self, *tags: str) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                if child.tag in tags:
                    yield child
                yield from child.every(*tags)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack = [Node("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(node)
        if tag not in VOID:
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        node = self.stack.pop()
        if not node.is_shown:
            self.stack[-1].children.remove(node)

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def parse(html: str) -> Node:
    """The page as a tree. Every element must be closed where it was opened."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.stack) == 1, f"<{builder.stack[-1].tag}> is never closed"
    return builder.stack[0]


@dataclass
class Reader:
    """Somebody at a browser. `path` is where they are, `status` how the last page was answered."""

    client: TestClient
    path: str = ""
    status: int = 0
    page: Node = field(default_factory=lambda: Node("document"))

    def open(self, path: str) -> Reader:
        answer = self.client.get(path)
        hops = 0
        while answer.status_code == 303:
            hops += 1
            assert hops < 5
            path = urljoin(path, answer.headers["location"])
            answer = self.client.get(path)
        self.path, self.status = path, answer.status_code
        self.page = parse(answer.text)
        return self

    def press(self, label: str, **typed: str | bool) -> Reader:
        """Fill in `typed` and press the button that reads so; fields keep what the page put into them."""
        form, button = self._button(label)
        values = self._values(form, typed)
        if "name" in button.attributes:
            values[button.attributes["name"]] = button.attributes.get("value", "")
        where = button.attributes.get("formaction") or form.attributes.get("action")
        action = urljoin(self.path, where or self.path)
        method = button.attributes.get("formmethod") or form.attributes.get("method", "get")
        if method == "get":
            return self.open(f"{urlsplit(action).path}?{urlencode(values)}")
        answer = self.client.post(action, content=urlencode(values), headers=FORM)
        if answer.status_code == 307:  # the same form again, at another address
            action = urljoin(action, answer.headers["location"])
            answer = self.client.post(action, content=urlencode(values), headers=FORM)
        if answer.status_code == 303:
            return self.open(urljoin(action, answer.headers["location"]))
        self.path, self.status, self.page = action, answer.status_code, parse(answer.text)
        return self

    def follow(self, label: str) -> Reader:
        return self.open(urljoin(self.path, self.link(label)))

    def link(self, label: str) -> str:
        found = [a for a in self.page.every("a") if label in a.text]
        assert found, f"no link {label!r} on {self.path}: {[a.text for a in self.page.every('a')]}"
        return found[0].attributes["href"]

    @property
    def text(self) -> str:
        return next(self.page.every("body")).text

    @property
    def h1(self) -> str:
        (heading,) = self.page.every("h1")
        return heading.text

    @property
    def buttons(self) -> list[str]:
        return [button.text for button in self.page.every("button")]

    def choices(self, name: str) -> list[str]:
        """What the radio buttons of that name offer."""
        return [
            box.attributes["value"]
            for box in self.page.every("input")
            if box.attributes.get("name") == name and box.attributes.get("type") == "radio"
        ]

    def _button(self, label: str) -> tuple[Node, Node]:
        for form in self.page.every("form"):
            for button in form.every("button"):
                if label in button.text:
                    return form, button
        raise AssertionError(f"no button {label!r} on {self.path}: {self.buttons}")

    def _values(self, form: Node, typed: dict[str, str | bool]) -> dict[str, str]:
        values: dict[str, str] = {}
        names = set()
        for box in form.every("input", "select", "textarea"):
            name, kind = box.attributes.get("name", ""), box.attributes.get("type", "text")
            names.add(name)
            ticked = kind not in ("radio", "checkbox") or "checked" in box.attributes
            if box.tag == "textarea":
                values[name] = box.text
            elif box.tag == "select":
                options = list(box.every("option"))
                chosen = [one for one in options if "selected" in one.attributes] or options
                values[name] = chosen[0].attributes["value"]
            elif ticked or (kind == "checkbox" and typed.get(name) is True):
                values[name] = box.attributes.get("value", "on")
        assert set(typed) <= names, f"no field for {set(typed) - names} on {self.path}"
        return values | {name: value for name, value in typed.items() if isinstance(value, str)}
