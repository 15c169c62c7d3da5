"""Code that makes pages reads client-owned rows through `visible_to(user)`, or about a row that it has in its hands already."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.apps import apps

from operations.scoping import ClientScopedQuerySet

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "analytics", "campaigns", "config", "leads", "operations")
# Works for nobody in particular: it stores what came from a provider, or carries out what somebody was allowed to ask for.
BEHIND_THE_PAGES = {
    "admin", "checks", "engine", "lanes", "learned", "management", "migrations", "models", "planning", "services", "starting",
    "sync", "sync_steps", "tasks", "write_kinds", "writes",
}  # fmt: skip
OURS = [model for model in apps.get_models() if model.__module__.partition(".")[0] in ROOMS]
SCOPED = {model.__name__ for model in OURS if isinstance(model._default_manager.all(), ClientScopedQuerySet)}
# Rows of a client, or of several, whose own querysets know no reader: they are read by way of what the reader may see.
OF_CLIENTS = SCOPED | {
    "Branding", "CampaignNumbers", "Comparison", "Job", "Membership", "PeriodTotals", "StepNumbers", "SyncCoverage", "Tag",
}  # fmt: skip
# What leads from a thing that clients may share (a key, a mailbox, a job) to things of one of them.
ACCESSORS = {
    relation.get_accessor_name()
    for model in OURS
    if model.__name__ in {"Connection", "Mailbox", "Job", "Tag", "SyncRun"}
    for relation in model._meta.related_objects
}
READS = {
    "aggregate", "all", "annotate", "count", "exclude", "exists", "filter", "first", "get", "in_bulk", "iterator", "last", "none",
    "only", "order_by", "prefetch_related", "present", "select_related", "values", "values_list", "visible_to",
}  # fmt: skip
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}

TAKEN = "a name that is taken is refused, whoever has it, and nothing else is told"
OF_ROWS_SEEN = "narrowed to rows that were read in the reader’s scope"
OF_KEYS_SEEN = "about keys that the reader may see; what they count is shown only to whoever sees all of a key"
OWN_WORK = "the reader’s own"
REASONS = {
    "accounts/client_forms:NameAndOwner.clean_name.Client": TAKEN,
    "accounts/client_forms:PlaceForm.__init__.Connection": OF_ROWS_SEEN,
    "accounts/client_forms:PlaceForm.__init__.RemoteClient": OF_ROWS_SEEN,
    "accounts/client_making:making_of.Write": OF_ROWS_SEEN,
    "accounts/forms:AddConnection.clean_name.Connection": TAKEN,
    "accounts/forms:free_client_name.Client": TAKEN,
    "accounts/reports:ConnectionReport._covered.SyncCoverage": OF_KEYS_SEEN,
    "accounts/reports:list_rows.SyncCoverage": OF_KEYS_SEEN,
    "accounts/watched:watched_connections.Comparison": OF_KEYS_SEEN,
    "analytics/client_numbers:ClientNumbers._periods.PeriodTotals": OF_ROWS_SEEN,
    "campaigns/bulk/client:ClientJob._still_stands.RemoteClient": "narrowed to a client that was found to be theirs just before",
    "campaigns/bulk/kind:CampaignJob.subjects.Campaign": "nobody asked for it: the system’s own jobs see everything",
    "campaigns/bulk/mailboxes:MailboxJob.apply.Mailbox": "nobody asked for it: the system’s own jobs see everything",
    "campaigns/bulk/mailboxes:RemoveMailboxes.boxes.CampaignMailbox": OF_ROWS_SEEN,
    "campaigns/bulk/tags:RemoveTags.form.Tag": OF_ROWS_SEEN,
    "campaigns/lists/filters:CampaignFilters.content_condition.through": OF_ROWS_SEEN,
    "campaigns/lifecycle_forms:places.RemoteClient": "narrowed to the reader’s clients in the next line",
    "campaigns/lists/listing:_tags_of.through": OF_ROWS_SEEN,
    "campaigns/lists/listing:read_page.Write": OF_ROWS_SEEN,
    "campaigns/lists/listing:tag_names.Tag": OF_ROWS_SEEN,
    "campaigns/mailbox_rows:attached_mailboxes.Mailbox": OF_ROWS_SEEN,
    "campaigns/senders:visible_mailboxes.Mailbox": OF_ROWS_SEEN,
    "campaigns/sequence_editor/kept:kept_beside.SequenceSave": OF_ROWS_SEEN,
    "campaigns/sequence_editor/kept:kept_beside.SequenceVersion": OF_ROWS_SEEN,
    "campaigns/standing:changes_of.Write": OF_ROWS_SEEN,
    "campaigns/views/bulk:was_started.Job": OWN_WORK,
    "campaigns/views/lifecycle:_change.Write": OF_ROWS_SEEN,
    "campaigns/views/making:_is_being_dressed.Write": OF_ROWS_SEEN,
    "operations/coverage:coverage_of_keys.Comparison": OF_KEYS_SEEN,
    "operations/coverage:coverage_of_keys.SyncCoverage": OF_KEYS_SEEN,
    "operations/jobs/trail:record.items": "counted for the trail; nothing is shown",
    "operations/keys:traffic_of.ApiCall": OF_KEYS_SEEN,
}


def test_pages_read_rows_of_clients_in_the_scope_of_the_reader() -> None:
    found = {read for path in page_modules() for read in unscoped_reads(path)}
    assert found - set(REASONS) == set(), (
        "say visible_to(user) here, or say in REASONS why nobody can see what is not theirs"
    )
    assert set(REASONS) - found == set(), "these reads are gone: take their reasons away"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("Campaign.objects.filter(pk=pk)", True),
        ("get_object_or_404(Campaign, pk=pk)", True),
        ("connection.campaigns.filter(status='active')", True),
        ("Campaign.tags.through.objects.all()", True),
        ("get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)", False),
        ("Step.objects.filter(campaign=campaign)", False),
        ("Write.objects.unsettled().filter(pk=write.pk)", False),
        ("CampaignMailbox.objects.filter(campaign=OuterRef('pk'))", False),
        ("Membership.objects.filter(client__in=user.visible_clients())", False),
        ("User.objects.filter(pk=pk)", False),
    ],
)
def test_it_tells_a_read_in_scope_from_one_that_is_not(code: str, found: bool, tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text(f"def view(request, pk):\n    return {code}\n")
    assert bool([*unscoped_reads(page)]) is found


def page_modules() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not BEHIND_THE_PAGES & {*path.relative_to(ROOT / room).with_suffix("").parts}:
                yield path


def unscoped_reads(path: Path) -> Iterator[str]:
    """`module:function.Model` for each read that is neither in somebody's scope nor about a row in hand."""
    tree = ast.parse(path.read_text())
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    module = path.relative_to(ROOT).with_suffix("") if path.is_relative_to(ROOT) else path.stem
    for node in ast.walk(tree):
        if asked := what_is_read(node):
            chain = whole_chain(node, above)
            if not in_scope(chain) and not about_a_row(chain):
                yield f"{module}:{function_around(node, above)}.{asked}"


def what_is_read(node: ast.AST) -> str:
    """The model, or the accessor, whose rows this expression begins to read; "" for everything else."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in SHORTCUTS:
        first = ast.unparse(node.args[0])
        return first if first in OF_CLIENTS else ""
    if not isinstance(node, ast.Attribute):
        return ""
    name = ast.unparse(node.value).rpartition(".")[2]
    if node.attr in {"objects", "_default_manager"}:
        return name if name in OF_CLIENTS or name == "through" else ""
    return name if isinstance(node.value, ast.Attribute) and name in ACCESSORS and node.attr in READS else ""


def whole_chain(node: ast.AST, above: Mapping[ast.AST, ast.AST]) -> ast.AST:
    """`Model.objects` with every call that hangs on it: `Model.objects.visible_to(user).filter(…)`."""
    while True:
        up = above[node]
        hangs_on = up.value if isinstance(up, ast.Attribute) else up.func if isinstance(up, ast.Call) else None
        if hangs_on is not node:
            return node
        node = up


def function_around(node: ast.AST, above: Mapping[ast.AST, ast.AST]) -> str:
    names: list[str] = []
    while not isinstance(node, ast.Module):
        node = above[node]
        names += [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return ".".join(reversed(names))


def in_scope(chain: ast.AST) -> bool:
    text = ast.unparse(chain)
    return any(word in text for word in ("visible_to(", "visible_clients(", "visible_mailboxes(", ".objects.none("))


def about_a_row(chain: ast.AST) -> bool:
    """`filter(campaign=campaign)`, `filter(pk=write.pk)`, `filter(client=OuterRef("pk"))`: whoever has the row may see it."""
    for call in ast.walk(chain):
        for given in call.keywords if isinstance(call, ast.Call) else []:
            value = ast.unparse(given.value)
            field = (given.arg or "").rpartition("__")[2]
            if value.startswith("OuterRef(") or field == value or (field == "pk" and value.endswith(".pk")):
                return field != "pk" or value != "pk"
    return False
