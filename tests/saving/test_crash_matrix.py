"""A running campaign is edited and something goes wrong: it ends running with the new text, running with the old one, or
paused with a reason; the provider holds the old text or the new one, and our copy says which.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import redis

from accounts.services import sessions
from accounts.services.sessions import Session, open_for_job
from campaigns.models import SequenceSave
from campaigns.sequence_editor.words import SaveView
from operations.models import Write
from operations.writes import planning
from operations.writes.carrying import carry_out
from providers.calls import Call
from tests.saving.desk import Desk, with_body
from tests.support.edit_matrix import ACCIDENTS, LASTING, STAGES, Outcome, rule, wrongs

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
NEW = "<p>Rewritten for {{first_name}}</p>"


BOTH = pytest.mark.parametrize("dialect", ["live", "guides"], indirect=True)


@pytest.fixture
def desks(desk):
    """A running campaign for each stage. One save went well before, so that it is known which form of the API is spoken."""
    known = desk.another(len(STAGES))
    assert known.work(known.save(with_body(known.texts, NEW))).outcome == Outcome.RUNNING_NEW
    sessions._notes.submit(lambda: None).result()
    return {stage: desk.another(number) for number, stage in enumerate(STAGES)}


EXPECTED = {
    # conflict check, pause, save, verify, resume
    "lost answer": "new new new new new",
    "lost call": "new new new new new",
    "refused": "old old old new paused",
    "key revoked": "old old new new new",
    "provider down": "new|old new new new new",
    "killed before": "new new new new new",
    "killed after": "new new new new new",
}
WORDS = {"new": Outcome.RUNNING_NEW, "old": Outcome.RUNNING_OLD, "paused": Outcome.PAUSED}


def expected(accident: str) -> dict[str, set[str]]:
    ends = [{WORDS[word].value for word in cell.split("|")} for cell in EXPECTED[accident].split()]
    return dict(zip(STAGES, ends, strict=True))


def judge(desks: dict[str, Desk], saves: dict[str, SequenceSave], accident: str) -> None:
    for save in saves.values():
        save.refresh_from_db()
    found = {stage: wrongs(saves[stage], desks[stage].truth, len(desks[stage].done("sequences"))) for stage in desks}
    assert {stage: problems for stage, problems in found.items() if problems} == {}
    wanted = expected(accident)
    assert {stage: save.outcome for stage, save in saves.items() if save.outcome not in wanted[stage]} == {}


@BOTH
@pytest.mark.parametrize("accident", ACCIDENTS)
def test_whatever_goes_wrong_at_whichever_stage_it_ends_well(sandbox, desks, settings, accident):
    sandbox.faults(*(rule(accident, stage, desk.campaign.remote_id) for stage, desk in desks.items()))
    saves = {stage: desk.save(with_body(desk.texts, NEW)) for stage, desk in desks.items()}
    for stage, desk in desks.items():
        desk.work(saves[stage], times=1 if accident in LASTING else 12)
    if accident in LASTING:
        for save in saves.values():
            view = SaveView.of(SequenceSave.objects.with_write().get(pk=save.pk))
            assert view.text, "what it waits for is said"
            assert view.stuck or not view.moves
        sandbox.clear_faults()
        with redis.Redis.from_url(settings.REDIS_URL) as lanes:
            lanes.flushdb()  # the lane lets nothing out for half a minute after so many failures
        planning.wake()
        for stage, desk in desks.items():
            desk.work(saves[stage])
    judge(desks, saves, accident)


@dataclass
class Dying:
    """A session in a worker that is killed at one call of one campaign: before it leaves, or once it was answered."""

    session: Session
    calls_left: int
    after: bool

    class Killed(BaseException):
        pass

    @property
    def provider(self) -> Any:
        return self.session.provider

    def send(self, call: Call[T]) -> T:
        self.calls_left -= 1
        if self.calls_left < 0 and not self.after:
            raise Dying.Killed
        answer = self.session.send(call)
        if self.calls_left < 0:
            raise Dying.Killed
        return answer


def work_alone(desk: Desk, session: Any) -> None:
    """As one worker does, until it is killed."""
    while True:
        write = Write.objects.unsettled().get(subject_id=str(desk.campaign.pk))
        carry_out(write.pk, session, desk.clock)


@BOTH
@pytest.mark.parametrize("accident", ["killed before", "killed after"])
def test_a_killed_worker_leaves_rows_from_which_another_goes_on(sandbox, desks, accident):
    saves = {stage: desk.save(with_body(desk.texts, NEW)) for stage, desk in desks.items()}
    for stage, desk in desks.items():
        with open_for_job(desk.connection) as session:
            dying = Dying(session, STAGES[stage], after=accident.endswith("after"))
            with pytest.raises(Dying.Killed):
                work_alone(desk, dying)
    sandbox.advance(minutes=1)
    for stage, desk in desks.items():
        desk.work(saves[stage])
    judge(desks, saves, accident)
