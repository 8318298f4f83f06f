"""The usual words of people who write in Spanish, German, French or Italian; English has its own rules in `parse`.

Words are as `plain_words` leaves them: lower case, without accents and apostrophes. In a phrase `a|b` is either word
and `*` up to three words of any kind; a phrase stands anywhere in a text, whatever is around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """`stop`, `help`, `yes` and `book` mean something as a whole text only; `around` may stand beside a digit."""

    language: str
    stop: frozenset[str]
    help: frozenset[str]
    yes: frozenset[str]
    numbers: tuple[str, str, str, str, str]
    around: frozenset[str]
    wish: re.Pattern[str]
    nobody_came: re.Pattern[str]
    late: re.Pattern[str]
    human: re.Pattern[str]
    change: re.Pattern[str]
    book: frozenset[str]
    booking: re.Pattern[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(one.strip() for one in text.split(","))


def _any_of(phrases: str) -> re.Pattern[str]:
    """One pattern for all of `phrases`, with commas between them."""
    return re.compile("|".join(_pattern(phrase.split()) for phrase in phrases.split(",")))


def _pattern(words: Iterable[str]) -> str:
    parts, gap = list[str](), False
    for word in words:
        if word == "*":
            gap = True
            continue
        before = r" (?:\w+ ){0,3}?" if gap else " "
        parts.append((before if parts else "") + f"(?:{word})")
        gap = False
    return r"\b" + "".join(parts) + r"\b"


SPANISH = Phrases(
    language="es",
    stop=_words("alto, parar, pare, baja, no mas, basta"),
    help=_words("ayuda"),
    yes=_words("si, vale, de acuerdo, claro, bueno, dale, si gracias, si por favor, esta bien"),
    numbers=("uno", "dos", "tres", "cuatro", "cinco"),
    around=_words("opcion, numero, el, la, por, favor, gracias"),
    wish=_any_of(
        "no me escriban|escriba|manden|mande|envien|envie mas, no mas mensajes|sms, "
        "no quiero mas|recibir * mensajes|sms, "
        "dejen|deje de escribir|escribirme|mandar|mandarme|enviar|enviarme, dejar de recibir, borren|borre mi numero"
    ),
    nobody_came=_any_of(
        "nadie * vino|venido|llego|llegado|aparecio|aparecido, no vino|vinieron|llego|llegaron|aparecio|aparecieron, "
        "no ha|han venido|llegado|aparecido, no se presento|presentaron"
    ),
    late=_any_of(
        "donde esta|estan|andan|anda, cuando * llega|llegan|viene|vienen, a que hora * llega|llegan|viene|vienen, "
        "cuanto falta|tarda|tardan, ya viene|vienen, estan en camino, viene|vienen en camino"
    ),
    human=_any_of(
        "hablar con alguien|una|un|algun|la|el, llamame|llamenme|llameme, una persona, un agente|operador|operadora"
    ),
    change=_any_of(
        "otra hora|fecha, otro dia|horario|momento, "
        "cambiar|mover|aplazar|posponer|cancelar|anular * cita|visita|hora|fecha|dia, "
        "reprogramar, reagendar"
    ),
    book=_words("cita, una cita, reserva, reservar, pedir cita, pedir hora, visita, una visita"),
    booking=_any_of(
        "quiero|quisiera|puedo|necesito|gustaria reservar, pedir|reservar|concertar|solicitar cita|visita|hora|una|un"
    ),
)
GERMAN = Phrases(
    language="de",
    stop=_words("stopp, abmelden, abbestellen, aufhoren"),
    help=_words("hilfe"),
    yes=_words(
        "ja, ja bitte, ja gerne, ja gern, passt, einverstanden, alles klar, gerne, gern, in ordnung, ja danke"
    ),
    numbers=("eins", "zwei", "drei", "vier", "funf"),
    around=_words("option, nummer, nr, bitte, danke, die, das, variante"),
    wish=_any_of(
        "keine|keinerlei sms|nachrichten|textnachrichten|texte|mitteilungen mehr, "
        "nicht mehr anschreiben|schreiben|texten, "
        "horen sie auf, hort auf, loschen sie meine nummer, will|mochte keine * sms|nachrichten"
    ),
    nobody_came=_any_of(
        "niemand|keiner * gekommen|erschienen|aufgetaucht|kam|war|da, nicht|nie * gekommen|erschienen|aufgetaucht, "
        "kam|kommt niemand|keiner"
    ),
    late=_any_of(
        "wo bleiben|bleibt|sind|ist|seid, wann * kommen|kommt|seid|da, wie lange * noch, unterwegs, verspatet, "
        "kommt|kommen * noch jemand|heute"
    ),
    human=_any_of(
        "mit jemandem|einem|einer * sprechen|reden, rufen sie * an, ruf * mich * an, ruckruf, einen mitarbeiter, "
        "einen menschen, mit einem menschen"
    ),
    change=_any_of(
        "anderer|anderen|andere|neuer|neuen|neue termin|tag|zeit|uhrzeit|datum, "
        "termin * verschieben|verlegen|andern|absagen|stornieren, verschieben, umbuchen"
    ),
    book=_words("termin, termine, termin bitte, buchen, buchung, reservieren, termin buchen"),
    booking=_any_of("termin * buchen|vereinbaren|ausmachen|bekommen, mochte|will|kann|wurde * buchen"),
)
FRENCH = Phrases(
    language="fr",
    stop=_words("arret, arreter, arretez, stop sms"),
    help=_words("aide"),
    yes=_words("oui, daccord, oui merci, parfait, tres bien, ca marche, oui svp"),
    numbers=("un", "deux", "trois", "quatre", "cinq"),
    around=_words("option, numero, le, la, svp, merci, choix"),
    wish=_any_of(
        "plus de sms|messages|textos, ne plus recevoir|mecrire|menvoyer, arretez de mecrire|menvoyer|me, "
        "desabonnez|desabonner, "
        "desinscrire|desinscrivez, ne mecrivez|menvoyez plus"
    ),
    nobody_came=_any_of(
        "personne * venu|passe|vu|arrive|presente, pas|jamais venu|venus|passe|passes|arrive|arrives|presente"
    ),
    late=_any_of(
        "ou etes|est|sont|en, quand * arrivez|arrive|venez|vient|passez|passe|arrivera, a quelle heure, "
        "combien de temps, "
        "vous arrivez, en route, vous etes|est en retard"
    ),
    human=_any_of(
        "parler a|avec quelquun|un|une, appelez|rappelez moi, une personne, un conseiller, une vraie personne"
    ),
    change=_any_of(
        "autre|nouvelle|nouveau jour|date|heure|horaire|creneau|rendez, "
        "changer|deplacer|reporter|decaler|annuler * rendez|rdv|visite|date|dheure|lheure|creneau"
    ),
    book=_words(
        "rdv, rendez vous, rendezvous, un rendez vous, un rdv, reserver, prendre rendez vous, prendre rdv"
    ),
    booking=_any_of(
        "prendre|reserver|fixer|demander * rendez|rdv|visite, veux|voudrais|souhaite|puis reserver"
    ),
)
ITALIAN = Phrases(
    language="it",
    stop=_words("basta, ferma, fermare"),
    help=_words("aiuto"),
    yes=_words("si, va bene, certo, perfetto, daccordo, si grazie, si per favore"),
    numbers=("uno", "due", "tre", "quattro", "cinque"),
    around=_words("opzione, numero, il, la, per, favore, grazie"),
    wish=_any_of(
        "basta|niente messaggi|sms, non scrivetemi|scrivermi|mandatemi|inviatemi, smettete|smetta di, "
        "non voglio * messaggi|sms, "
        "cancellatemi, toglietemi"
    ),
    nobody_came=_any_of(
        "nessuno * venuto|arrivato|passato|presentato|visto, "
        "non e|sono|si * venuto|venuti|arrivato|arrivati|passato|presentato|visto nessuno, "
        "non e venuto|arrivato|passato"
    ),
    late=_any_of(
        "dove siete|sei|sono|e, quando * arrivate|arriva|venite|viene|passate|passa, "
        "a che ora * arrivate|arriva|venite|viene, "
        "siete|e in ritardo, quanto manca, per strada, state arrivando"
    ),
    human=_any_of(
        "parlare con qualcuno|una|un, chiamatemi|chiamami|richiamatemi, mi chiami, una persona, un operatore"
    ),
    change=_any_of(
        "altro|nuovo|altra|nuova giorno|orario|data|ora|appuntamento, "
        "spostare|cambiare|rinviare|annullare|disdire * appuntamento|lappuntamento|visita|data|orario|giorno"
    ),
    book=_words("appuntamento, un appuntamento, prenota, prenotare, prenotazione"),
    booking=_any_of(
        "prenotare|fissare|prendere|chiedere * appuntamento|visita, vorrei|voglio|posso|devo prenotare"
    ),
)
OTHERS = (SPANISH, GERMAN, FRENCH, ITALIAN)
