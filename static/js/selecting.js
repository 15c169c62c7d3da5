/* Ticking rows of a list: X ticks the row in focus, Shift with X or a click ticks a range, Esc clears. The bar of what can be
   done comes with the first tick. "Select all that match" shows once the whole page is ticked and there is more than the page. */
(function () {
  'use strict';
  var last = null;
  function boxes() { return Array.from(document.querySelectorAll('[data-check]')); }
  function ticked() { return boxes().filter(function (box) { return box.checked; }); }
  function everything() { return document.querySelector('[data-check-everything]'); }
  function total() { return Number(document.getElementById('select-all').dataset.everything); }
  function say(text) { return text.replace(/\B(?=(\d{3})+(?!\d))/g, ','); }

  function show() {
    var bar = document.getElementById('bulk-bar');
    if (!bar) return;
    var all = boxes(), on = ticked(), whole = everything();
    if (whole.checked && on.length < all.length) whole.checked = false;
    all.forEach(function (box) { box.closest('tr').classList.toggle('qd-picked', box.checked); });
    document.querySelectorAll('[data-check-page]').forEach(function (head) {
      head.checked = all.length > 0 && on.length === all.length;
      head.indeterminate = on.length > 0 && on.length < all.length;
    });
    document.getElementById('select-all').classList.toggle('on', all.length > 0 && on.length === all.length && total() > all.length);
    bar.classList.toggle('on', on.length > 0);
    bar.querySelector('[data-bulk-count]').textContent = on.length ? say(String(whole.checked ? total() : on.length)) + ' selected' : '';
    var clients = new Set(on.map(function (box) { return box.dataset.client; }).filter(Boolean)).size;
    bar.querySelector('[data-bulk-clients]').textContent = clients > 1 && !whole.checked ? clients + ' clients' : '';
  }
  function tick(box, on, range) {
    var all = boxes(), from = last ? all.indexOf(last) : -1, to = all.indexOf(box);
    if (range && from >= 0) {
      all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(function (one) { one.checked = on; });
    } else {
      box.checked = on;
    }
    last = box;
    show();
  }
  function clear() {
    boxes().forEach(function (box) { box.checked = false; });
    if (everything()) everything().checked = false;
    last = null;
    show();
  }

  document.addEventListener('click', function (event) {
    var box = event.target.closest('[data-check]');
    if (box) { tick(box, box.checked, event.shiftKey); return; }
    var page = event.target.closest('[data-check-page]');
    if (page) {
      boxes().forEach(function (one) { one.checked = page.checked; });
      if (!page.checked) everything().checked = false;
      show();
    }
    if (event.target.closest('[data-check-everything]')) show();
    if (event.target.closest('[data-bulk-clear]')) clear();
  });
  function typing(target) { return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target.tagName === 'INPUT' && target.type !== 'checkbox'); }
  document.addEventListener('keydown', function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector('dialog[open], details.qd-menu[open]')) return;
    if (event.key === 'x' || event.key === 'X') {
      var row = document.activeElement && document.activeElement.closest('[data-rows] tr');
      var box = row && row.querySelector('[data-check]');
      if (box) { event.preventDefault(); tick(box, !box.checked || event.shiftKey, event.shiftKey); }
    } else if (event.key === 'Escape' && ticked().length) {
      clear();
    }
  });

  /* A swap of the list keeps the ticks of the rows that are still there. */
  var kept = [];
  document.addEventListener('htmx:beforeSwap', function (event) {
    if (event.detail.target && event.detail.target.id === 'results') kept = ticked().map(function (box) { return box.value; });
  });
  document.addEventListener('htmx:afterSettle', function () {
    if (kept.length) boxes().forEach(function (box) { if (kept.indexOf(box.value) >= 0) box.checked = true; });
    kept = [];
    last = null;
    show();
  });
  addEventListener('pageshow', show); /* "back" brings ticked boxes with it */
})();
