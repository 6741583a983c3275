"""How hard parsers are fuzzed: briefly always, at length where CHAINFIN_FUZZ_EXAMPLES says so."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FUZZ_EXAMPLES = int(os.environ.get("CHAINFIN_FUZZ_EXAMPLES", "150"))

fuzz = settings(
    database=None,
    deadline=5_000,
    max_examples=FUZZ_EXAMPLES,
    # The short run tries the same examples every time; the long one new ones.
    derandomize="CHAINFIN_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
"""For a test of one parser; an example that takes five seconds is a hang."""


@st.composite
def spoilt(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A real file with some stretches cut out, doubled, or written over."""
    content = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 80)))
        piece = draw(
            st.one_of(
                st.just(b""),
                st.just(content[start:end] * 2),
                st.binary(max_size=12),
                st.sampled_from([b"-1", b"9" * 40, b"NaN", b"\x00", b"<a>", b"&x;", b"2026-02-30"]),
            )
        )
        content = content[:start] + piece + content[end:]
    return content
