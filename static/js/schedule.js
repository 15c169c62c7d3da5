/* The week of a schedule: drag an edge or the window, or move an edge with the arrow keys; typing the hours draws it anew.
   The form holds the truth, the drawing follows it. Two clocks: the zone of the schedule and that of the reader. */
(function () {
  'use strict';
  var form = document.getElementById('schedule-form'), week = document.getElementById('week');
  if (!form || !week) return;
  var DAY = 1440, STEP = 15, GAP = 0.3, HOUR = 100 / 24;
  var start = form.elements.start, end = form.elements.end, zone = form.elements.time_zone;
  var drag = document.getElementById('drag');
  var reader = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

  function minutes(text) {
    var found = /^\s*(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?\s*$/.exec(text || '');
    if (!found) return null;
    var total = Number(found[1]) * 60 + Number(found[2] || 0);
    return Number(found[2] || 0) > 59 || total > DAY ? null : total;
  }
  function clock(total) {
    var whole = Math.max(0, Math.min(DAY - 1, total));
    return String(Math.floor(whole / 60)).padStart(2, '0') + ':' + String(whole % 60).padStart(2, '0');
  }
  function span() {
    var from = minutes(start.value), to = minutes(end.value);
    return from === null || to === null || from >= to ? null : [from, to];
  }
  function percent(value) { return value.toFixed(2) + '%'; }

  function draw() {
    var open = span(), perDay = (document.getElementById('pace') || { dataset: {} }).dataset.perDay;
    week.querySelectorAll('[data-row]').forEach(function (row) {
      var number = row.dataset.row, box = document.getElementById('day-' + number), on = box.checked && open;
      var name = week.querySelector('label[for="day-' + number + '"]').textContent;
      row.querySelectorAll('.on').forEach(function (cell, hour) {
        var left = hour * HOUR + GAP / 2, right = (hour + 1) * HOUR - GAP / 2, a = left, b = left;
        if (on) { a = Math.max(left, 100 * open[0] / DAY); b = Math.max(a, Math.min(right, 100 * open[1] / DAY)); }
        cell.setAttribute('x', percent(a));
        cell.setAttribute('width', percent(b - a));
      });
      row.querySelectorAll('.t').forEach(function (tick, place) {
        tick.setAttribute('visibility', on ? 'visible' : 'hidden');
        if (on) tick.setAttribute('x', percent(100 * open[place] / DAY));
      });
      row.setAttribute('aria-label', name + (on ? ': sending ' + clock(open[0]) + ' to ' + clock(open[1]) : ': no sending'));
      var cap = week.querySelector('[data-cap="' + number + '"]');
      cap.textContent = !box.checked ? 'Off' : perDay ? Number(perDay).toLocaleString('en-GB') + ' leads' : 'On';
    });
    if (drag) drag.querySelectorAll('.edge').forEach(function (edge, place) {
      var at = open ? open[place] : 0;
      edge.querySelector('svg').setAttribute('x', percent(100 * at / DAY));
      edge.setAttribute('aria-valuenow', String(at));
      edge.setAttribute('aria-valuetext', clock(at));
    });
  }
  function take(from, to) {
    start.value = clock(from);
    end.value = clock(to);
    draw();
  }
  function told() { start.dispatchEvent(new Event('input', { bubbles: true })); }

  /* Dragging: an edge moves by itself, the inside moves the window, empty hours begin a new one. */
  var pull = null;
  function at(event) {
    var box = drag.getBoundingClientRect();
    return DAY * Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  }
  function snap(value) { return Math.round(value / STEP) * STEP; }
  function dayUnder(event) {
    var box = drag.getBoundingClientRect();
    return Math.max(1, Math.min(7, 1 + Math.floor(7 * (event.clientY - box.top) / box.height)));
  }
  function inside(event) {
    var open = span(), here = at(event);
    return open && here > open[0] && here < open[1] && document.getElementById('day-' + dayUnder(event)).checked;
  }
  if (drag) {
    drag.addEventListener('pointerdown', function (event) {
      if (event.button || form.querySelector('.qd-fields:disabled')) return;
      var edge = event.target.closest('.edge'), open = span();
      if (edge && open) pull = { kind: edge.dataset.edge, from: open[0], to: open[1] };
      else if (inside(event)) pull = { kind: 'move', begin: at(event), from: open[0], to: open[1] };
      else pull = { kind: 'new', begin: snap(at(event)), day: dayUnder(event) };
      if (edge) edge.focus();
      drag.setPointerCapture(event.pointerId);
      drag.classList.toggle('moving', pull.kind === 'move');
      event.preventDefault();
    });
    drag.addEventListener('pointermove', function (event) {
      if (!pull) { drag.classList.toggle('inside', Boolean(inside(event))); return; }
      var here = snap(at(event));
      if (pull.kind === 'start') take(Math.min(here, pull.to - STEP), pull.to);
      else if (pull.kind === 'end') take(pull.from, Math.max(here, pull.from + STEP));
      else if (pull.kind === 'move') {
        var by = snap(at(event) - pull.begin), length = pull.to - pull.from;
        var from = Math.max(0, Math.min(DAY - length, pull.from + by));
        take(from, from + length);
      } else if (Math.abs(here - pull.begin) >= STEP) {
        document.getElementById('day-' + pull.day).checked = true;
        take(Math.min(here, pull.begin), Math.max(here, pull.begin));
      }
    });
    var drop = function () {
      if (!pull) return;
      pull = null;
      drag.classList.remove('moving');
      told();
    };
    drag.addEventListener('pointerup', drop);
    drag.addEventListener('pointercancel', drop);
    drag.addEventListener('keydown', function (event) {
      var edge = event.target.closest('.edge'), open = span();
      if (!edge || event.ctrlKey || event.metaKey || event.altKey) return;
      var by = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP, PageUp: 60, PageDown: -60, Home: -DAY, End: DAY }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      open = open || [540, 1020];
      if (edge.dataset.edge === 'start') take(Math.max(0, Math.min(open[1] - STEP, open[0] + by)), open[1]);
      else take(open[0], Math.min(DAY - 1, Math.max(open[0] + STEP, (open[1] === DAY - 1 && by < 0 ? DAY : open[1]) + by)));
      told();
    });
  }

  /* Two clocks. */
  function offset(name) {
    try {
      var parts = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'longOffset' }).formatToParts(new Date());
      var text = parts.find(function (part) { return part.type === 'timeZoneName'; }).value;
      var found = /GMT([+-])(\d{2}):(\d{2})/.exec(text);
      return found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0;
    } catch (unknown) { return null; }
  }
  function city(name) { return name.split('/').pop().replace(/_/g, ' '); }
  function labels(element, shift) {
    element.querySelectorAll('span').forEach(function (label, place) {
      var total = (((place * 180 + shift) % DAY) + DAY) % DAY;
      label.textContent = clock(total).replace(/:00$/, '');
    });
  }
  function clocks() {
    var known = offset(zone.value) === null ? week.dataset.zone : zone.value;
    var lead = offset(known), yours = offset(reader), shift = yours - lead;
    var readerFirst = form.querySelector('[data-clock="reader"]').getAttribute('aria-pressed') === 'true';
    labels(week.querySelector('[data-top]'), readerFirst ? shift : 0);
    labels(week.querySelector('[data-bottom]'), readerFirst ? 0 : shift);
    week.querySelector('[data-top-city]').textContent = city(readerFirst ? reader : known);
    week.querySelector('[data-bottom-city]').textContent = city(readerFirst ? known : reader);
    form.querySelectorAll('[data-lead-city]').forEach(function (part) { part.textContent = city(known); });
    form.querySelectorAll('[data-reader-city]').forEach(function (part) { part.textContent = city(reader); });
    form.querySelector('[data-lead-city-label]').textContent = city(known) + ' time';
    mark(lead);
  }
  function mark(shift) {
    var now = new Date(Date.now() + shift * 60000), number = now.getUTCDay() || 7;
    week.querySelectorAll('.n').forEach(function (line) {
      var row = week.querySelector('[data-row="' + number + '"]');
      if (line.parentNode !== row) row.appendChild(line);
      line.setAttribute('x', percent(100 * (now.getUTCHours() * 60 + now.getUTCMinutes()) / DAY));
    });
  }
  form.addEventListener('click', function (event) {
    var button = event.target.closest('[data-clock]');
    if (!button) return;
    form.querySelectorAll('[data-clock]').forEach(function (one) { one.setAttribute('aria-pressed', String(one === button)); });
    clocks();
  });

  form.addEventListener('input', function (event) { draw(); if (event.target === zone) clocks(); });
  document.addEventListener('htmx:afterSettle', draw);
  form.elements.reader_zone.value = reader;
  draw();
  clocks();
  setInterval(clocks, 60000);
  /* What the server said in its own zone is asked for again in the reader's. */
  addEventListener('load', function () {
    if (city(reader) !== city(form.dataset.serverZone || '')) form.dispatchEvent(new Event('readerzone'));
  });
})();
