"""Whether a person pressed the button behind a customer's link.

Machines open links in texts, follow what they find, and press the first button of a page. Whoever does not say that a
page of ours sent the form is asked to press once more, before anything is done.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

ONCE_MORE = "once"


class PressOnceMore(Exception):
    """Raised at the door."""


def is_pressed(request: Request, base_url: str) -> bool:
    """Whether a browser says that our own page sent this form, or somebody pressed a second time.

    Browsers of before 2023 say nothing, because our pages send no referrer. A form with files says nothing by itself.
    """
    headers = request.headers
    if headers.get("sec-fetch-site") == "same-origin" or request.query_params.get("pressed") == ONCE_MORE:
        return True
    own = "{0.scheme}://{0.netloc}".format(urlsplit(base_url))
    return headers.get("origin") == own or headers.get("content-type", "").startswith("multipart/")
