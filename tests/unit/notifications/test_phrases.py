"""What people write in five languages; what sounds like it and means something else is for a person to read."""

from __future__ import annotations

import pytest

from notifications.consent import Word, read_word
from notifications.inbox.parse import Intent, OpenQuestion, Reply, parse
from notifications.messages import RECOVERY

ONE = OpenQuestion("r1", "KYF7MJ3", RECOVERY.answers)

NOBODY_CAME = [
    "No ha venido nadie", "Nadie vino hoy", "No se presentó nadie", "el técnico no llegó", "No han aparecido",
    "Es ist niemand gekommen", "Keiner da!", "Der Techniker ist nicht erschienen", "Es kam niemand", "Niemand war da",
    "Personne n'est venu", "Il n'est jamais passé", "Le technicien n'est pas venu", "personne ne s'est présenté",
    "Non è venuto nessuno", "Nessuno si è presentato", "il tecnico non è arrivato",
]  # fmt: skip
LATE = [
    "¿Dónde están?", "¿Cuándo llega el técnico?", "¿A qué hora vienen?", "¿Cuánto falta?", "¿Ya vienen?",
    "Wo bleiben Sie?", "Wann kommt der Techniker?", "Wie lange dauert es noch?", "Sind Sie schon unterwegs?",
    "Où êtes-vous ?", "Quand arrivez-vous ?", "À quelle heure passe-t-il ?", "Vous arrivez bientôt ?",
    "Dove siete?", "Quando arriva il tecnico?", "A che ora venite?", "Siete in ritardo", "Quanto manca?",
]  # fmt: skip
HUMAN = [
    "Quiero hablar con alguien", "Llámenme por favor", "con una persona por favor",
    "Ich möchte mit jemandem sprechen", "Bitte rufen Sie mich an", "Bitte um Rückruf",
    "Je voudrais parler à quelqu'un", "Rappelez-moi svp", "un conseiller",
    "Vorrei parlare con qualcuno", "Chiamatemi", "un operatore per favore",
]  # fmt: skip
CHANGE = [
    "Quiero cambiar mi cita", "otro día por favor", "Necesito cancelar la cita",
    "Ich brauche einen anderen Termin", "Können wir den Termin verschieben?", "Termin absagen",
    "Je voudrais changer de date", "Un autre jour svp", "Il faut annuler le rendez-vous",
    "Vorrei spostare l'appuntamento", "un altro giorno", "Devo disdire la visita",
]  # fmt: skip
WISHES = [
    "No me manden más mensajes", "no quiero recibir más mensajes", "Dejen de escribirme",
    "Keine SMS mehr bitte", "Bitte nicht mehr schreiben", "Hören Sie auf damit",
    "Plus de SMS svp", "Arrêtez de m'envoyer des messages", "Je veux me désabonner",
    "Basta messaggi", "Non scrivetemi più", "Smettete di scrivermi", "non voglio più messaggi",
]  # fmt: skip
ONLY_FOR_A_PERSON = [
    "don't stop by before 10", "I can't cancel my meeting", "the end unit", "quit smoking in the hall please",
    "No paren antes de las 10", "La casa del alto", "baja la persiana del sótano",
    "Stopp an der Ecke Hauptstraße", "bitte klingeln, nicht klopfen", "wir haben zwei Katzen",
    "Die Hilfe meiner Tochter ist da",
    "L'arrêt de bus est devant", "deux chiens dans le jardin", "sonnez deux fois",
    "Basta suonare al citofono", "la ferma del treno", "due gatti in casa",
]  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "body"),
    [
        (intent, body)
        for intent, bodies in (
            (Intent.NOBODY_CAME, NOBODY_CAME),
            (Intent.LATE_QUESTION, LATE),
            (Intent.HUMAN, HUMAN),
            (Intent.CHANGE, CHANGE),
            (Intent.STOP, WISHES),
            (Intent.FREE, ONLY_FOR_A_PERSON),
        )
        for body in bodies
    ],
)
def test_what_somebody_means(intent: Intent, body: str) -> None:
    assert parse(body).intent is intent


@pytest.mark.parametrize(
    "body", ["ALTO", "Parar", "STOPP!", "abmelden", "Arrêt", "arrêtez", "basta", "no más"]
)
def test_stop_in_their_own_word(body: str) -> None:
    assert read_word(body) is Word.WISH
    assert parse(body, [ONE]).intent is Intent.STOP


@pytest.mark.parametrize("body", ["AYUDA", "Hilfe", "aide", "Aiuto!", "help", "INFO"])
def test_help_in_their_own_word(body: str) -> None:
    assert parse(body, [ONE]).intent is Intent.HELP


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("Sí", 1), ("vale", 1), ("dos", 2), ("opción 2", 2), ("el 3 por favor", 3), ("la 1", 1),
        ("Ja", 1), ("Ja gerne", 1), ("zwei", 2), ("Nummer 3 bitte", 3), ("vier", 4),
        ("Oui", 1), ("d'accord", 1), ("deux", 2), ("le 2 merci", 2), ("trois", 3),
        ("va bene", 1), ("due", 2), ("il 3 grazie", 3), ("quattro", 4),
    ],
)  # fmt: skip
def test_an_answer_in_their_own_words(body: str, digit: int) -> None:
    assert parse(body, [ONE]) == Reply(Intent.ANSWER, digit, ONE)


@pytest.mark.parametrize(
    "body", ["sí, pero después de las 3", "ja aber erst ab 15 Uhr", "oui mais après 15h", "sì ma dopo le 15"]
)
def test_a_yes_with_a_but_is_for_a_person(body: str) -> None:
    assert parse(body, [ONE]).intent is Intent.FREE
