import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.codec.errors import LogNotCanonical
from chainfin.codec.log_packing import pack_logs, unpack_logs
from chainfin.domain.events import LogPosition, RawLog

BLOCK = (7, "0x" + "ab" * 32, 1_780_000_000)


def text_of(size):
    return st.binary(min_size=size, max_size=size).map(lambda raw: "0x" + raw.hex())


logs_of_a_block = st.lists(
    st.builds(
        lambda address, topics, data, transaction, place, index: RawLog(
            address, tuple(topics), data, LogPosition(*BLOCK, transaction, place, index)
        ),
        text_of(20),
        st.lists(text_of(32), max_size=4),
        st.binary(max_size=100).map(lambda raw: "0x" + raw.hex()),
        text_of(32),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
    ),
    max_size=5,
)


@given(logs_of_a_block)
def test_logs__packed_and_unpacked__are_the_same(logs):
    assert list(unpack_logs(pack_logs(logs), *BLOCK)) == logs


@given(logs_of_a_block, st.integers(0, 4))
def test_logs__asked_for_by_their_index__are_those_and_no_others(logs, place):
    wanted = {log.position.log_index for log in logs[place:]}

    found = list(unpack_logs(pack_logs(logs), *BLOCK, wanted))

    assert found == [log for log in logs if log.position.log_index in wanted]


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "0x" + "11" * 19},
        {"address": "11" * 21},
        {"topics": ("0x" + "22" * 31,)},
        {"topics": ("0x" + "2x" * 32,)},
        {"data": ""},
        {"data": "0x123"},
        {"data": "0xzz"},
    ],
)
def test_log__with_a_member_of_another_length_or_no_digits__is_refused(changes):
    log = RawLog("0x" + "11" * 20, (), "0x", LogPosition(*BLOCK, "0x" + "33" * 32, 0, 0))

    with pytest.raises(LogNotCanonical):
        pack_logs([log._replace(**changes)])
