"""Editing a running campaign while something goes wrong: python -m bench.edits [--dialects live,guides] [--accidents "refused,…"]

The product as `make run` starts it, with a fresh agency for each form of the provider's API. For each accident the sequences of
five running campaigns are rewritten at once, and each is struck at another stage: conflict check, pause, save, verify, resume.
A killed worker is killed with `kill -9` while it waits for the answer to that very call, which was carried out ("arrived") or
not ("lost"). Where the web is killed, a signed-in person saves on the page, and all of its processes are killed at that stage;
in the last row while it is asked to save, so many milliseconds after the click. A revoked key and a provider that is down last
until all five have ended or wait; then the key works again.

Every save has to end in exactly one of: new text verified and running; old text running, with the reason; paused, with the
reason. From the sandbox's truth: the text is the old or the new one and never a mixture, the status is the one that we say, it
was saved once, and every field of the campaign is as our copy has it. In the table "new", "old" and "paused" are these ends;
"waits, new" waited with its reason and went on by itself; "not asked" is the old text, still running, where the web was gone
before it had taken anything in.

Exit status 1 if anything else was found.
"""

import argparse
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from bench import agencies
from bench.bounded import end_within
from bench.clicks import Person
from bench.kill import at_work, connect, synced
from bench.product import Product, product

if TYPE_CHECKING:
    from accounts.models import Connection
    from campaigns.models import Campaign, SequenceSave

DIALECTS = "live,guides"
WEB, ASKED = "web killed", "web killed while asked"
SLOW = {"kind": "slow", "next": 1, "seconds": 25}
KILLED = {
    "worker killed, call arrived": SLOW,
    "worker killed, call lost": {"kind": "hang", "next": 1, "seconds": 25},
    WEB: SLOW | {"seconds": 12},
}
AFTER_MS = (0, 30, 80, 160, 320)
GIVE_UP = 240.0
WORDS = {"running_new": "new", "running_old": "old", "paused": "paused"}
NEW = "<p>Rewritten for {{first_name}}</p>\r\n<!-- kept -->"


@dataclass
class Stage:
    """Where it happens, and what was found there."""

    running: Product
    client: httpx.Client
    connection: "Connection"
    person: Person
    campaigns: "list[Campaign]"
    wrong: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    fields: int = 0

    def five(self) -> "list[Campaign]":
        taken, self.campaigns = self.campaigns[:5], self.campaigns[5:]
        return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accidents", default="")
    parser.add_argument("--dialects", default=DIALECTS)
    wished = parser.parse_args()
    end_within(3000)
    wrong = []
    with product() as running:
        agencies.join(running)
        from tests.support.edit_matrix import ACCIDENTS

        accidents = {**ACCIDENTS, **KILLED, ASKED: {}}
        names = [name.strip() for name in wished.accidents.split(",") if name.strip()] or list(accidents)
        client = agencies.steering(running)
        agencies.silence_demo()
        agencies.stand_still(client)
        person = Person(running)
        for dialect in wished.dialects.split(","):
            stage = prepare(running, client, person, dialect, len(names) * 5)
            rows = [strike(stage, name, accidents[name]) for name in names]
            print(f"\nThe provider's API in its form “{dialect}”; {stage.fields:,} fields compared\n")
            print(agencies.table([row for row in rows if row["accident"] != ASKED] or rows))
            print("\n".join(["", *stage.reasons]), flush=True)
            wrong += [f"{dialect}, {line}" for line in stage.wrong]
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(bool(wrong))


def prepare(running: Product, client: httpx.Client, person: Person, dialect: str, campaigns: int) -> Stage:
    """An agency whose campaigns all run and are known here, in a lane without a limit; nothing else makes calls. One save
    has gone well before, so that it is known which form of the API is spoken.
    """
    from django.utils import timezone

    from operations.models import SyncState

    agencies.steer(client, "POST", "/_limits", {"windows": [{"limit": 100_000, "seconds": 1}]})
    [made] = agencies.make(client, 1, campaigns=campaigns + 1, prefix=f"edited-{dialect}")
    agencies.steer(client, "POST", "/_dialect", {"dialect": dialect, "key": made.label})
    for number in made.campaign_ids:
        agencies.steer(client, "POST", "/_change", {"do": "status", "campaign": number, "status": "ACTIVE"})
    connection = connect(running, made, may_write=True)
    connection.refresh_from_db()
    connection.windows = [{"calls": 1000, "seconds": 1}]
    connection.save(update_fields=["windows"])
    agencies.wait_for(lambda: synced([connection]), GIVE_UP, "the first sync")
    SyncState.objects.filter(connection=connection).update(due_at=timezone.now().replace(year=2100))
    first, *others = connection.campaigns.order_by("pk")
    save = ask(first)
    agencies.wait_for(lambda: ended([save]), GIVE_UP, "the first save")
    save.refresh_from_db()
    if save.outcome != "running_new":
        raise SystemExit(f"{dialect}: even a save without an accident ended otherwise: {save.message}")
    time.sleep(1)  # what was learned of the server is stored by another thread
    return Stage(running, client, connection, person, list(others))


def ask(campaign: "Campaign") -> "SequenceSave":
    """Every text of every step becomes another one, so that a mixture would show."""
    from dataclasses import replace

    from django.utils import timezone

    from campaigns.services.sequence_saving import save_sequence
    from campaigns.services.sequence_texts import current_texts
    from operations.audit import Actor

    base = current_texts(campaign)
    texts = tuple(
        replace(step, variants=tuple(replace(one, body=f"{NEW}{step.number}{one.label}") for one in step.variants))
        for step in base
    )
    return save_sequence(campaign, texts, base, Actor.on_command_line(), timezone.now())


def strike(stage: Stage, name: str, fault: dict[str, Any]) -> dict[str, object]:
    """One accident at every stage: its row of the table."""
    from tests.support.edit_matrix import LASTING, STAGES

    started = time.monotonic()
    agencies.steer(stage.client, "DELETE", "/_faults")
    agencies.steer(stage.client, "DELETE", "/_log")
    if name == ASKED:
        return kill_web_while_asked(stage)
    campaigns = dict(zip(STAGES, stage.five(), strict=True))
    rules = [
        {"path": f"/campaigns/{campaign.remote_id}*", "skip": STAGES[where], **fault}
        for where, campaign in campaigns.items()
    ]
    agencies.steer(stage.client, "POST", "/_faults", rules)
    saves = saved_on_pages(stage, campaigns) if name == WEB else {where: ask(one) for where, one in campaigns.items()}
    waited: set[int] = set()
    if name in KILLED:
        if name != WEB:
            agencies.wait_for(lambda: all_struck(stage), 60, "all five to be struck", every=0.1)
            os.kill(stage.running.pid("worker"), signal.SIGKILL)
        agencies.steer(stage.client, "DELETE", "/_faults")
    if name in LASTING:
        waited = wait_while_it_lasts(stage, list(saves.values()))
    agencies.wait_for(lambda: ended(saves.values()), GIVE_UP, f"the saves to end ({name})")
    row: dict[str, object] = {"accident": name}
    for where, save in saves.items():
        row[where] = ("waits, " if save.pk in waited else "") + judged(stage, f"{name}, {where}", save)
    return row | {"seconds": f"{time.monotonic() - started:.0f}"}


def saved_on_pages(stage: Stage, campaigns: "dict[str, Campaign]") -> "dict[str, SequenceSave]":
    """Saved by a person on the page, which waits for the outcome while its server is killed."""
    from campaigns.models import SequenceSave

    with ThreadPoolExecutor(5) as people:
        for campaign in campaigns.values():
            people.submit(stage.person.rewrite, campaign.pk, NEW)
        agencies.wait_for(lambda: all_struck(stage), 60, "all five to be struck", every=0.1)
        kill_web(stage.running)
    web_is_back(stage.running)
    return {where: SequenceSave.objects.get(campaign=campaign) for where, campaign in campaigns.items()}


def kill_web_while_asked(stage: Stage) -> dict[str, object]:
    """So long after the click. What the web had not taken in yet has changed nothing, and is in the browser still."""
    from campaigns.models import SequenceSave

    for after, campaign in zip(AFTER_MS, stage.five(), strict=True):
        killing = threading.Timer(after / 1000, kill_web, [stage.running])
        answer = stage.person.rewrite(campaign.pk, NEW, killing.start)
        killing.join()
        web_is_back(stage.running)
        save = SequenceSave.objects.filter(campaign=campaign).first()
        where = f"{ASKED}, after {after} ms"
        if save is None:
            end = not_asked(stage, where, campaign)
        else:
            agencies.wait_for(lambda one=save: ended([one]), GIVE_UP, "the save to end")
            end = judged(stage, where, save)
        stage.reasons.append(f"{where}: {end}, the page {'answered' if answer else 'was gone'}")
    return {"accident": ASKED}


def kill_web(running: Product) -> None:
    for pid in running.pids("gunicorn"):
        os.kill(pid, signal.SIGKILL)


def web_is_back(running: Product) -> None:
    agencies.wait_for(lambda: at_work(running, "web"), 60, "the web to be back", every=0.05)


def wait_while_it_lasts(stage: Stage, saves: "list[SequenceSave]") -> set[int]:
    """Until all have ended or say what they wait for; then it is over. Returns which had to wait."""
    from campaigns.models import SequenceSave
    from campaigns.sequence_editor.words import SaveView
    from operations.writes import planning

    rows = SequenceSave.objects.filter(pk__in=[save.pk for save in saves])
    agencies.wait_for(
        lambda: all(save.is_ended or SaveView.of(save).stuck for save in rows.with_write()),
        90,
        "all five to end or to say what they wait for",
    )
    waited = {save.pk for save in rows.unfinished()}
    agencies.steer(stage.client, "DELETE", "/_faults")
    planning.wake(stage.connection.pk)
    return waited


def all_struck(stage: Stage) -> bool:
    rules = stage.client.get("/_faults").json()["rules"]
    return all(rule["hits"] for rule in rules)


def ended(saves: Any) -> bool:
    from campaigns.models import SequenceSave

    return not SequenceSave.objects.unfinished().filter(pk__in=[save.pk for save in saves]).exists()


def judged(stage: Stage, where: str, save: "SequenceSave") -> str:
    """The word for how it ended; what is wrong about it, and the sentence that people read, are kept."""
    from tests.support.edit_matrix import wrongs

    save.refresh_from_db()
    truth = truth_of(stage, save.campaign)
    path = f"/campaigns/{save.campaign.remote_id}/sequences"
    calls = agencies.all_calls(stage.client, path=path, method="POST")
    written = sum(call["path"] == path and call["carried_out"] for call in calls)
    stage.wrong += [f"{where}: {one}" for one in wrongs(save, truth, written)]
    if save.outcome != "running_new":
        stage.reasons.append(f"{where}: {save.message}")
    return WORDS.get(save.outcome, save.outcome or "none")


def not_asked(stage: Stage, where: str, campaign: "Campaign") -> str:
    from tests.support.campaign_truth import differing, fields_here, fields_there

    truth = truth_of(stage, campaign)
    found = differing(fields_here(campaign), fields_there(truth))
    if truth["status"] != "ACTIVE" or "Rewritten" in str(truth["steps"]):
        found.append("something was changed although nothing was asked for")
    stage.wrong += [f"{where}: {one}" for one in found]
    return "not asked"


def truth_of(stage: Stage, campaign: "Campaign") -> dict[str, Any]:
    from tests.support.campaign_truth import compared, fields_here, fields_there

    campaigns = stage.client.get("/_truth", params={"key": stage.connection.name, "days": "0"}).json()["campaigns"]
    found: dict[str, Any] = next(one for one in campaigns if one["id"] == campaign.remote_id)
    stage.fields += len(compared(fields_here(campaign), fields_there(found)))
    return found


if __name__ == "__main__":
    main()
