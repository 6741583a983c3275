import os

import pytest

from chainfin.domain.errors import FileTooLarge, XmlDeclaresTypes, XmlMalformed, XmlTooDeep
from chainfin.interchange.xml import FileLimits, read_xml

_TEN = "".join(
    f'<!ENTITY {after} "{f"&{before};" * 10}">'
    for before, after in zip("abcdefghi", "bcdefghij", strict=True)
)
BOMB = f'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">{_TEN}]><a>&j;</a>'.encode()


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def test_read__plain__text_without_comments_in_the_declared_encoding():
    content = '<?xml version="1.0" encoding="GB18030"?><a><?x y?>应<!-- -->收</a>'

    assert read_xml(content.encode("gb18030")).text == "应收"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (BOMB, XmlMalformed),
        (BOMB.replace(b"<a>", b'<a b="&j;">'), XmlMalformed),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', XmlDeclaresTypes),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', XmlDeclaresTypes),
        (b"<!DOCTYPE a><a/>", XmlDeclaresTypes),
        (b"", XmlMalformed),
        (b"\x00", XmlMalformed),
        (b"<a>", XmlMalformed),
        (b'<?xml version="1.0" encoding="UTF-8"?><a>\xff</a>', XmlMalformed),
        (b'<?xml version="1.0" encoding="nope"?><a/>', XmlMalformed),
        (nested(65), XmlTooDeep),
        (nested(100_000), XmlMalformed),
    ],
    ids=[
        "a bomb", "a bomb in an attribute", "a file of this machine", "a type elsewhere",
        "a bare type", "nothing", "a zero byte", "cut off", "not in its encoding",
        "no such encoding", "too deep", "far too deep",
    ],
)  # fmt: skip
def test_read__hostile_or_broken__refused_by_name(content, refusal):
    with pytest.raises(refusal):
        read_xml(content)


def test_read__at_the_limits__read_and_one_beyond__refused():
    content = nested(3)
    limits = FileLimits(size_bytes=len(content), depth=3)

    assert read_xml(content, limits).tag == "a"

    with pytest.raises(FileTooLarge):
        read_xml(content + b"\n", limits)
    with pytest.raises(XmlTooDeep):
        read_xml(content, FileLimits(depth=2))


def test_read__a_type_in_a_pipe__is_never_opened():
    """Whoever opens this end of a pipe that nobody writes to waits for ever."""
    reading, writing = os.pipe()
    try:
        with pytest.raises(XmlDeclaresTypes):
            read_xml(b'<!DOCTYPE a SYSTEM "file:///dev/fd/%d"><a/>' % reading)
    finally:
        os.close(reading)
        os.close(writing)
