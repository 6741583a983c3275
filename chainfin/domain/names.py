"""Company names as keys: how two spellings of one name are recognised as the same."""

import unicodedata

_LEGAL_FORMS = {
    ("limited",): ("ltd",),
    ("private", "limited"): ("pvt", "ltd"),
    ("public", "limited", "company"): ("plc",),
    ("limited", "liability", "partnership"): ("llp",),
    ("limited", "liability", "company"): ("llc",),
    ("incorporated",): ("inc",),
    ("corporation",): ("corp",),
    ("company",): ("co",),
    ("proprietary",): ("pty",),
    ("gesellschaft", "mit", "beschränkter", "haftung"): ("gmbh",),
    ("aktiengesellschaft",): ("ag",),
    ("société", "anonyme"): ("sa",),
    ("besloten", "vennootschap"): ("bv",),
}
"""Words at the end of a name that say its legal form, and the abbreviation they stand for."""

_SHORT_FORMS = frozenset(form for forms in _LEGAL_FORMS.values() for form in forms)
_LONGEST_FORM = max(map(len, _LEGAL_FORMS))


def normalise_name(name: str) -> str:
    """A company's name as a key: "The Crane  Co. Limited" and "the crane company ltd" are one.

    In this order: compatibility forms are folded and case removed (NFKC, casefold, NFKC); "&" is
    read as "and"; full stops and apostrophes vanish ("S.A." is "sa"); every other sign that is not
    a letter, mark or digit becomes a space; runs of space become one. Then, from the end of the
    name and as long as one is there, a legal form written out becomes its abbreviation
    (`_LEGAL_FORMS`), also 有限责任公司 becomes 有限公司. Forms stay part of the key: a Ltd and a
    GmbH are two companies. Accents stay. Applying it twice changes nothing.

    Returns:
        The key; empty if the name has no letter and no digit.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    words = "".join(map(_name_character, folded)).split()
    tail: list[str] = []
    while words:
        length, form = _legal_form(words)
        if not form:
            break
        words = words[: len(words) - length]
        tail = [*form, *tail]
    key = " ".join([*words, *tail])
    long_form = "有限责任公司"
    return key.removesuffix(long_form) + "有限公司" if key.endswith(long_form) else key


def _name_character(character: str) -> str:
    if character == "&":
        return " and "
    if character in ".'\u2019":
        return ""
    return character if unicodedata.category(character)[0] in "LMN" else " "


def _legal_form(words: list[str]) -> tuple[int, tuple[str, ...]]:
    """Number of words at the end that are a legal form, and its abbreviation; (0, ()) if none."""
    for length in range(min(_LONGEST_FORM, len(words)), 0, -1):
        ending = tuple(words[-length:])
        if ending in _LEGAL_FORMS:
            return length, _LEGAL_FORMS[ending]
    if words[-1] in _SHORT_FORMS:
        return 1, (words[-1],)
    return 0, ()
