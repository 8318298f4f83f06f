"""Who may be texted: what a phone's owner last said, in which words, and what those words meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlmodel import col, select

from dispatch.customers.queries import list_by_phone
from dispatch.events import ConsentChanged
from dispatch.ledger import commit_to
from dispatch.words import fold, mark_of
from dispatch.work import Work
from notifications.inbox.phrases import OTHERS
from notifications.inbox.tables import Consent
from notifications.messages import Kind
from notifications.outbox.tables import Audience

IN, OUT = "in", "out"

# What is shown beside the unticked box; the version goes into the consent row.
CONSENT_WORDS = {
    "en-1": "{company} may send me text messages about my appointment: confirmation, reminder, changes and "
    "arrival, usually 3 to 6 a visit. Message and data rates may apply. Reply STOP to stop, HELP for help. "
    "Not a condition of booking.",
    "en-2": "{company} may send me text messages about my appointment: confirmation, reminder, changes and "
    "arrival, usually 3 to 6 a visit, and ring me by an automated voice if a text cannot reach me. Message and data "
    "rates may apply. Reply STOP to stop, HELP for help. Not a condition of booking.",
    "es-2": "{company} puede enviarme mensajes de texto sobre mi cita: confirmación, recordatorio, cambios y llegada, "
    "normalmente de 3 a 6 por visita, y llamarme con una voz automática si un mensaje no puede llegarme. Pueden "
    "aplicarse tarifas de mensajes y datos. Responda STOP para no recibir más, HELP para ayuda. No es condición para "
    "reservar.",
    "de-2": "{company} darf mir SMS zu meinem Termin schicken: Bestätigung, Erinnerung, Änderungen und Ankunft, meist "
    "3 bis 6 je Besuch, und mich mit einer automatischen Stimme anrufen, wenn mich eine SMS nicht erreichen kann. Es "
    "können Gebühren für Nachrichten und Daten anfallen. Antworten Sie STOP für keine weiteren, HELP für Hilfe. Keine "
    "Bedingung für die Buchung.",
    "fr-2": "{company} peut m'envoyer des SMS au sujet de mon rendez-vous : confirmation, rappel, changements et "
    "arrivée, en général 3 à 6 par visite, et m'appeler avec une voix automatique si un SMS ne peut pas m'atteindre. "
    "Des frais de messages et de données peuvent s'appliquer. Répondez STOP pour ne plus en recevoir, HELP pour de "
    "l'aide. Ce n'est pas une condition de réservation.",
    "it-2": "{company} può inviarmi SMS sul mio appuntamento: conferma, promemoria, modifiche e arrivo, di solito da 3 "
    "a 6 per visita, e chiamarmi con una voce automatica se un SMS non può raggiungermi. Possono applicarsi costi per "
    "messaggi e dati. Rispondere STOP per non riceverne più, HELP per aiuto. Non è una condizione per prenotare.",
}
CURRENT_WORDS = "en-2"
SPEAK_OF_CALLS = frozenset(version for version in CONSENT_WORDS if version.endswith("-2"))
SERVICE = "service"  # texts about visits; marketing would be another purpose, asked for by itself

_STOP = frozenset({"stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"})
_STOP_PHRASES = frozenset({"opt out", "opt me out", "remove me", "leave me alone"}).union(
    *(phrases.stop for phrases in OTHERS)
)
_START = frozenset({"start", "unstop"})
_HELP = frozenset({"help", "info"}).union(*(phrases.help for phrases in OTHERS))
_POLITE = frozenset({"please", "pls", "plz", "now", "thanks", "thank", "you", "just", "hi", "hello"})
_WISHES = re.compile(
    r"\b(?<!dont )(?<!not )(?:stop|quit|cease)(?! by\b) (?:\w+ ){0,2}?(?:text|messag|sms|contact)\w*"
    r"|\b(?:dont|do not|never|no more) (?!stop\b|quit\b)(?:\w+ ){0,2}?(?:text|texts|texting|messag\w*|sms|contact)\b"
    r"(?! (?:me )?(?:before|after|until|till|at)\b)"
    r"|\b(?:remove|unsubscribe) (?:me|my number)\b|\btake (?:me|my number) off\b|\bopt (?:me )?out\b"
    r"|\bleave me alone\b|\blose my number\b|\bno more texts\b"
)
_EVERY_WISH = (_WISHES, *(phrases.wish for phrases in OTHERS))


class Word(StrEnum):
    """What a whole text says about our texts."""

    STOP = "stop"
    WISH = "wish"  # said in other words than the agreed ones
    START = "start"
    HELP = "help"


def plain_words(body: str) -> str:
    """Lower case, no accents, full width or punctuation: ` ＳＴＯＰ! ` is `stop`."""
    text = re.sub(r"['’‘`]", "", fold(body))
    return " ".join(re.sub(r"[^\w]|_", " ", text).split())


def read_word(body: str) -> Word | None:
    """STOP, START and HELP alone mean what they say; STOP inside a sentence must be a wish to get no texts."""
    words = plain_words(body)
    bare = " ".join(word for word in words.split() if word not in _POLITE)
    if bare in _STOP:
        return Word.STOP
    if bare in _STOP_PHRASES or any(pattern.search(words) for pattern in _EVERY_WISH):
        return Word.STOP if bare == "opt out" else Word.WISH
    if bare in _START:
        return Word.START
    return Word.HELP if bare in _HELP else None


@dataclass(frozen=True, slots=True)
class Permission:
    allowed: bool
    reason: str = ""


def may_text(state: str | None, kind: Kind, audience: Audience) -> Permission:
    """Customers must have agreed; our own people, and strangers who wrote to us, must not have said stop."""
    if kind.always:
        return Permission(True)
    if state == OUT:
        return Permission(False, "opted_out")
    if state is None and audience is Audience.CUSTOMER and not kind.reply:
        return Permission(False, "no_consent")
    return Permission(True)


def _known_as(work: Work, phone: str) -> list[str]:
    """The phone, and the marks that stand in its place where its owner was erased."""
    return [phone, *(mark_of(phone, key) for key in work.phone_keys)]


def consent_state(work: Work, phone: str) -> str | None:
    """What the phone's owner said last: `in`, `out`, or nothing yet."""
    return consent_of(work, phone)[0]


def consent_of(work: Work, phone: str) -> tuple[str | None, str]:
    """What the phone's owner said last, and the version of the words that they agreed to.

    Somebody who was erased after they had said stop has still said stop.
    """
    if not phone:
        return None, ""
    theirs = col(Consent.phone).in_(_known_as(work, phone))
    query = select(Consent.state, Consent.words).where(theirs, Consent.purpose == SERVICE)
    found = work.session.exec(query.order_by(col(Consent.at).desc())).first()
    return found or (None, "")


def words_in(language: str) -> str:
    """The version of the words beside the box in that language; English where we have none."""
    newest = f"{language}{CURRENT_WORDS[2:]}"
    return newest if newest in CONSENT_WORDS else CURRENT_WORDS


def say_words(version: str, company: str) -> str:
    return CONSENT_WORDS[version].format(company=company)


def give_consent(
    work: Work, phone: str, source: str, words: str = CURRENT_WORDS, *, seen_from: str = ""
) -> Consent:
    """`phone` may be texted about its visits; `words` is the version of what was shown or read out."""
    return _record(work, phone, IN, source=source, words=words, seen_from=seen_from)


def withdraw_consent(work: Work, phone: str, source: str, words: str = "") -> Consent:
    """No automated text to `phone` from now on, whichever way its owner said so."""
    return _record(work, phone, OUT, source=source, words=words)


def _record(work: Work, phone: str, state: str, *, source: str, words: str, seen_from: str = "") -> Consent:
    theirs = col(Consent.phone).in_(_known_as(work, phone))
    query = select(Consent.at).where(theirs).order_by(col(Consent.at).desc())
    last_at = work.session.exec(query).first()
    at = max(work.now, last_at + timedelta(microseconds=1)) if last_at else work.now  # the newest row counts
    consent = Consent(
        id=work.new_id(),
        phone=phone,
        state=state,
        source=source,
        words=words[:40],
        purpose=SERVICE,
        language=words.partition("-")[0] if words in CONSENT_WORDS else "",
        by=str(work.actor)[:80],
        seen_from=seen_from[:160],
        at=at,
    )
    work.session.add(consent)
    work.session.flush()
    customers = list_by_phone(work.session, phone)
    salt = customers[0].salt if customers else work.chance.salt()
    work.record(
        ConsentChanged(consent_id=consent.id, state=state, source=source, commitment=commit_to(salt, phone))
    )
    return consent
