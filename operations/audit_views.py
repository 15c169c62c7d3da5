"""Pages of the audit trail."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from operations.audit import Actor, record
from operations.audit_trail import (
    AuditFilters,
    Row,
    csv_lines,
    kind_choices,
    origins,
    page_of_entries,
    visible_entries,
)
from operations.changes import ChangeRow
from operations.telling import page_of_subject, texts_of
from operations.web import HtmxRequest, render_page, wants_partial


@require_safe
def audit(request: HtmxRequest) -> HttpResponse:
    """Who changed what, page by page; htmx gets the list."""
    filters = AuditFilters.from_query(request.GET)
    page = page_of_entries(request.user, filters, request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "filters": filters,
        "page": page,
        "rows": [Row.of(entry) for entry in page.object_list],
    }
    if not wants_partial(request):
        context |= {"clients": request.user.visible_clients(), "origins": origins(), "kinds": kind_choices()}
    return render_page(request, "operations/audit.html", context, partial="entries")


@require_safe
def audit_entry(request: HtmxRequest, pk: int) -> HttpResponse:
    """One entry: before, after, and what the provider answered."""
    entry = get_object_or_404(visible_entries(request.user, AuditFilters()), pk=pk)
    row = Row.of(entry)
    context = {
        "now": timezone.now(),
        "row": row,
        "entry": entry,
        "texts": texts_of(entry),
        "subject_url": page_of_subject(entry),
        "change": ChangeRow(entry.write) if entry.write else None,
    }
    return render_page(request, "operations/audit_entry.html", context)


@require_safe
def audit_export(request: HtmxRequest) -> StreamingHttpResponse:
    """What the filters leave, as a CSV file that is written while it is sent. That somebody took it along is in the trail, too."""
    filters = AuditFilters.from_query(request.GET)
    noted = record(Actor.on_page(request.user), "export audit trail", request.user, after=filters.chosen)
    found = visible_entries(request.user, filters).exclude(pk=noted.pk)
    response = StreamingHttpResponse(csv_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate().isoformat()}.csv"'
    return response
