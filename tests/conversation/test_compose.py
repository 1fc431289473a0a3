"""Where a message makes a phone buzz, what the coach says becomes as few as two segments allow. Nothing is queued twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.compose import SMS_LONGEST, joined, queue
from bot.conversation.message import MessageClass
from bot.program.turn import Say
from tests.conftest import MakePatient
from tests.support.house import House

REPLY, SAFETY = MessageClass.REPLY, MessageClass.SAFETY


def texts(*says: tuple[Say, MessageClass]) -> list[str]:
    """What the messages say."""
    return [say.text for say, _ in joined(says)]


def test_short_neighbours_are_joined() -> None:
    assert texts((Say("Thank you."), REPLY), (Say("How is your pain?"), REPLY)) == ["Thank you.\nHow is your pain?"]


def test_what_asks_ends_a_message() -> None:
    buttons = (Say("Shall we?", buttons=("Yes", "No")), REPLY)
    question = (Say("Are you safe?", asked="safe_now"), REPLY)
    after = (Say("Good."), REPLY)
    assert texts(buttons, after) == ["Shall we?", "Good."]
    assert texts(question, after) == ["Are you safe?", "Good."]
    assert [say.asked for say, _ in joined([after, question])] == ["safe_now"]


def test_classes_are_never_mixed() -> None:
    assert texts((Say("Call 988."), SAFETY), (Say("Hello."), REPLY)) == ["Call 988.", "Hello."]


def test_two_segments_are_the_limit() -> None:
    half = Say("a" * (SMS_LONGEST // 2))
    assert len(texts((half, REPLY), (Say("b" * (SMS_LONGEST // 2 - 1)), REPLY))) == 1
    assert len(texts((half, REPLY), (Say("b" * (SMS_LONGEST // 2)), REPLY))) == 2


SAYS = st.lists(
    st.tuples(
        st.builds(
            Say,
            st.text("ab c", min_size=1, max_size=200),
            st.sampled_from([(), ("Yes", "No")]),
            st.sampled_from([None, "safe_now"]),
        ),
        st.sampled_from([REPLY, SAFETY]),
    ),
    max_size=8,
)


@given(SAYS)
def test_nothing_is_lost_or_reordered_by_joining(says: list[tuple[Say, MessageClass]]) -> None:
    out = joined(says)
    assert "\n".join(say.text for say, _ in out) == "\n".join(say.text for say, _ in says)
    assert [say.buttons for say, _ in out if say.buttons] == [say.buttons for say, _ in says if say.buttons]
    assert [say.asked for say, _ in out if say.asked] == [say.asked for say, _ in says if say.asked]
    assert all(len(say.text) <= max([SMS_LONGEST, *(len(one.text) for one, _ in says)]) for say, _ in out)


def test_a_second_call_adds_nothing(house: House, a_patient: MakePatient) -> None:
    ana = a_patient(on="web")
    says = [(Say("One."), REPLY), (Say("Two."), REPLY)]
    for added in (2, 0):
        with house.store.write() as connection:
            got = queue(connection, house.store.vault, ana.address, ana.id, "reply:1", says, house.clock.now())
        assert got == added
    assert [row.text for row in house.rows(ana.id)] == ["One.", "Two."]


def test_what_buzzes_is_joined_and_a_page_is_not(house: House, a_patient: MakePatient) -> None:
    says = [(Say("One."), REPLY), (Say("Two."), REPLY)]
    for channel, count in (("sms", 1), ("telegram", 1), ("web", 2)):
        who = a_patient(on=channel)
        with house.store.write() as connection:
            now = house.clock.now()
            assert queue(connection, house.store.vault, who.address, who.id, f"reply:{channel}", says, now) == count


def test_a_checkin_goes_out_of_date_and_a_reply_does_not(house: House, a_patient: MakePatient) -> None:
    ana = a_patient()
    with house.store.write() as connection:
        for kind in (MessageClass.CHECKIN, REPLY):
            says = [(Say("Hello."), kind)]
            queue(connection, house.store.vault, ana.address, ana.id, f"{kind}", says, house.clock.now())
    assert [row.expires_at is not None for row in house.rows(ana.id)] == [True, False]
