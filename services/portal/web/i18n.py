"""The portal's language: Chinese is the source, every string a msgid; a catalogue of another language comes beside."""

from babel.support import NullTranslations

translations = NullTranslations()


def gettext(text: str) -> str:
    """A string in the reader's language."""
    return translations.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """A string that counts something, in the reader's language."""
    return translations.ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802
    """Mark a string that is translated later, where it is shown."""
    return text
