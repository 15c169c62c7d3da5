"""Words that trip spam filters, with what to say instead."""

import re

from campaigns.sequence_editor.copy_checks.findings import Finding, warning

ALTERNATIVES = {
    "100%": "a figure you can show",
    "act now": "a date that matters to them",
    "amazing": "the fact itself",
    "apply now": "“worth a look?”",
    "best price": "the price",
    "bonus": "“also included”",
    "buy now": "a question",
    "buy": "“get”",
    "cash": "“budget” or the amount",
    "cheap": "“lower cost”",
    "click below": "words that say where the link leads",
    "click here": "words that say where the link leads",
    "congratulations": "what they did",
    "credit card": "“payment details”",
    "discount": "the price itself",
    "don't delete": "a clearer subject",
    "double your": "the figure of one customer",
    "earn money": "the amount saved",
    "exclusive deal": "what is different",
    "extra income": "the amount",
    "fast cash": "the amount",
    "for free": "“at no cost”",
    "free": "“no-cost”",
    "free trial": "“try it for two weeks”",
    "get paid": "the amount",
    "guarantee": "a result of one customer",
    "guaranteed": "a result of one customer",
    "hurry": "a date",
    "increase sales": "the figure of one customer",
    "incredible": "the fact itself",
    "limited offer": "the date it ends",
    "limited time": "the date it ends",
    "lowest price": "the price",
    "make money": "the amount",
    "miracle": "the fact itself",
    "money back": "the terms",
    "no catch": "the terms",
    "no obligation": "“no need to decide now”",
    "offer expires": "the date",
    "once in a lifetime": "the fact itself",
    "order now": "a question",
    "passive income": "the amount",
    "prize": "what they get",
    "pure profit": "the figure",
    "risk-free": "the terms",
    "risk free": "the terms",
    "save big": "the amount saved",
    "satisfaction guaranteed": "a customer’s words",
    "special promotion": "what is new",
    "this is not spam": "nothing",
    "unlimited": "the limit",
    "urgent": "the date",
    "winner": "what they did",
    "you have been selected": "why you write to them",
}

_LONGEST_FIRST = sorted(ALTERNATIVES, key=len, reverse=True)
_WORDS = re.compile(
    r"(?<![\w-])(?:" + "|".join(re.escape(word).replace("'", "['’]") for word in _LONGEST_FIRST) + r")(?![\w-])", re.IGNORECASE
)  # fmt: skip


def flagged_in(text: str) -> list[str]:
    """The flagged words of a text as they are written, each once."""
    return list({found[0].lower(): found[0] for found in _WORDS.finditer(text)}.values())


def check_flagged_words(subject: str, text: str) -> list[Finding]:
    found = []
    in_subject = {word.lower() for word in flagged_in(subject)}
    for word in flagged_in(f"{subject}\n{text}"):
        instead = ALTERNATIVES[word.lower().replace("’", "'")]
        where = "It is in the subject, where it counts most. " if word.lower() in in_subject else ""
        found.append(
            warning(f"“{word}” can trip spam filters", f"{where}Try {instead}, or leave it out.", marks=(word,))
        )
    return found
