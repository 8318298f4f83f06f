"""The office stops every text with one button, says why, and everybody reads it on every page until it is started."""

from __future__ import annotations

from tests.http.pages.reading import Reader

STOPPED = "No text goes out: sending is stopped (the link in the texts is wrong)."


def test_one_button_stops_every_text_and_another_starts_them(office: Reader) -> None:
    office.open("/office").follow("Sending")
    assert office.h1 == "Texts go out"
    office.press("Stop all texts", why="the link in the texts is wrong")
    assert (office.path, office.h1) == ("/office/sending", "Sending is stopped")
    assert "stopped all texts" in office.text
    assert STOPPED in office.open("/board").text
    office.open("/office/sending").press("Start sending again")
    assert office.h1 == "Texts go out"
    assert STOPPED not in office.open("/board").text


def test_who_stops_says_why(office: Reader) -> None:
    office.open("/office/sending").press("Stop all texts", why=" ")
    assert (office.status, office.h1) == (422, "Texts go out")
    assert "Nothing is stopped yet, texts still go out. Please give a reason." in office.text


def test_two_people_stop_it_once(office: Reader) -> None:
    office.open("/office/sending")
    there = office.page
    for _ in range(2):
        office.page, office.path = there, "/office/sending"
        office.press("Stop all texts", why="both saw it")
    assert (office.status, office.h1) == (409, "Sending is stopped")
    assert "Sending is stopped already." in office.text
