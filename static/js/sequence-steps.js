/* The steps of the sequence editor: choosing, moving by drag and by keys, adding and removing. Everything is a plain request
   too; here nothing is loaded anew. Waits belong to places: when steps change places, their waits stay. */
(function () {
  'use strict';
  var form = document.getElementById('sequence'), list = document.getElementById('steps');
  if (!form || !list) return;
  var editable = form.dataset.editable !== undefined, live = document.getElementById('order-live');

  function all(selector, root) { return Array.from((root || form).querySelectorAll(selector)); }
  function stepOf(key) {
    var subject = form.querySelector('[data-subject="' + key + '"]');
    return subject ? subject.dataset.ofStep : key;
  }
  function variants(step) { return all('[data-subject][data-of-step="' + step + '"]').map(function (one) { return one.dataset.subject; }); }
  function changed() { form.dispatchEvent(new Event('input', { bubbles: true })); }

  function show(key) {
    var step = stepOf(key), variant = key === step ? variants(step)[0] : key;
    if (!variant) { form.elements.shown.value = ''; return; }
    form.elements.shown.value = variant;
    all('li[data-step]', list).forEach(function (item) {
      var on = item.dataset.step === step;
      item.querySelector('.qd-step').toggleAttribute('data-on', on);
      var link = item.querySelector('[data-show]');
      if (on) link.setAttribute('aria-current', 'step'); else link.removeAttribute('aria-current');
    });
    all('[data-head]').forEach(function (part) { part.hidden = part.dataset.head !== step; });
    all('[data-subject]').forEach(function (part) { part.hidden = part.dataset.subject !== variant; });
    all('[data-body]').forEach(function (part) { part.hidden = part.dataset.body !== variant; });
    all('[data-numbers]').forEach(function (part) {
      part.hidden = part.dataset.numbers !== step;
      if (!part.hidden && window.htmx) window.htmx.trigger(part, 'qd:shown');
    });
    all('[data-variant-button]').forEach(function (button) {
      var on = button.dataset.variantButton === variant;
      if (button.tagName === 'A') { if (on) button.setAttribute('aria-current', 'true'); else button.removeAttribute('aria-current'); }
      else button.setAttribute('aria-pressed', String(on));
    });
    window.qdBodies.open(variant);
    window.qdBodies.paint();
    form.dispatchEvent(new CustomEvent('qd:shown'));
  }

  /* Numbers, days and names after a change of order */
  function number() {
    var day = 0;
    all('li[data-step]', list).forEach(function (item, place) {
      var delay = item.querySelector('[data-delay]'), word = 'Step ' + (place + 1), step = item.dataset.step;
      if (delay) { day += Number(delay.value) || 0; delay.setAttribute('aria-label', 'Days to wait before step ' + (place + 1)); }
      item.querySelector('[data-number]').textContent = word;
      if (delay) item.querySelector('[data-day]').textContent = 'day ' + day;
      var grip = item.querySelector('[data-grip]');
      if (grip) grip.setAttribute('aria-label', 'Move step ' + (place + 1) + '. Use the arrow keys.');
      var head = form.querySelector('[data-head="' + step + '"]');
      if (head) head.querySelector('[data-number]').textContent = word;
      var own = variants(step);
      own.forEach(function (key) {
        var label = form.elements[key + '-label'].value;
        form.querySelector('[data-body="' + key + '"]').dataset.name = own.length > 1 ? word + ', variant ' + label : word;
      });
    });
    var total = form.querySelector('[data-days]');
    if (total && editable) total.textContent = list.children.length ? day + (day === 1 ? ' day' : ' days') : '';
  }
  function delays() { return all('[data-delay]', list).map(function (field) { return field.value; }); }
  function reordered(before, item) {
    forget();
    all('[data-delay]', list).forEach(function (field, place) { field.value = before[place]; });
    number();
    changed();
    live.textContent = 'Now step ' + (Array.from(list.children).indexOf(item) + 1) + ' of ' + list.children.length + '.';
  }
  function move(item, by) {
    var other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) { live.textContent = by < 0 ? 'It is the first step.' : 'It is the last step.'; return; }
    var before = delays();
    if (by < 0) other.before(item); else other.after(item);
    reordered(before, item);
  }

  function shares(step) {
    var split = form.querySelector('[data-split="' + step + '"]'), own = variants(step);
    if (!split) return;
    var by = split.querySelector('select').value, sum = 0;
    split.hidden = own.length < 2;
    all('[data-head="' + step + '"] [data-remove-variant]').forEach(function (button) { button.hidden = own.length < 2; });
    split.querySelector('[data-shares]').hidden = by !== 'percentage';
    own.forEach(function (key) {
      var field = form.elements[key + '-share'], share = Number(field.value) || 0;
      sum += share;
      var shown = form.querySelector('[data-variant-button="' + key + '"] [data-percent]');
      shown.textContent = own.length < 2 ? '' : (by === 'percentage' ? share : Math.round(100 / own.length)) + '%';
    });
    var word = split.querySelector('[data-share-sum]'), off = by === 'percentage' && own.length > 1 && sum !== 100;
    word.textContent = off ? 'Together ' + sum + '%: they must add up to 100%.' : '';
    word.classList.toggle('bad', off);
  }

  /* Removing keeps the pieces aside until something else is moved, added or removed, so that it can be undone. */
  var undo = null, box = document.getElementById('removed');
  function forget() { undo = null; box.hidden = true; }
  function take(parts) {
    return parts.map(function (part) {
      var mark = document.createComment('');
      part.before(mark);
      part.remove();
      return { mark: mark, part: part };
    });
  }
  function firstWait() { return list.querySelector('[data-delay]'); }
  function remove(parts, keys, words, next) {
    var before = firstWait(), wait = before.value;
    keys.forEach(window.qdBodies.close);
    undo = { pieces: take(parts.filter(Boolean)), next: form.elements.shown.value, wait: null };
    box.querySelector('[data-text]').textContent = words;
    box.hidden = false;
    if (firstWait() && firstWait() !== before) {
      undo.wait = { field: firstWait(), value: firstWait().value };
      firstWait().value = wait;
    }
    number();
    show(next || '');
    changed();
  }
  function removeStep(step) {
    var item = list.querySelector('li[data-step="' + step + '"]'), keys = variants(step);
    var next = (item.nextElementSibling || item.previousElementSibling), place = Array.from(list.children).indexOf(item) + 1;
    var parts = [item, form.querySelector('[data-head="' + step + '"]'), form.querySelector('[data-numbers="' + step + '"]')];
    keys.forEach(function (key) { parts.push(form.querySelector('[data-subject="' + key + '"]'), form.querySelector('[data-body="' + key + '"]')); });
    remove(parts, keys, 'Step ' + place + ' is removed.', next ? next.dataset.step : '');
    (next ? next.querySelector('[data-show]') : form.querySelector('[value="add-step"]')).focus();
  }
  function removeVariant(key) {
    var step = stepOf(key), own = variants(step);
    if (own.length < 2) { removeStep(step); return; }
    var label = form.elements[key + '-label'].value;
    var parts = ['subject', 'body', 'variant-button', 'share'].map(function (name) { return form.querySelector('[data-' + name + '="' + key + '"]'); });
    remove(parts, [key], 'Variant ' + label + ' is removed.', own.filter(function (one) { return one !== key; })[0]);
    if (own.length === 2) form.querySelector('[data-split="' + step + '"] select').value = 'equal';
    shares(step);
  }
  function bringBack() {
    var was = undo;
    forget();
    was.pieces.forEach(function (piece) { piece.mark.replaceWith(piece.part); });
    if (was.wait) was.wait.field.value = was.wait.value;
    number();
    all('[data-split]').forEach(function (split) { shares(split.dataset.split); });
    show(was.next);
    changed();
    list.querySelector('[aria-current]').focus();
  }

  form.addEventListener('click', function (event) {
    var button = event.target.closest('button, a');
    if (!button) return;
    if (button.dataset.show) { event.preventDefault(); show(button.dataset.show); }
    else if (button.dataset.move) { event.preventDefault(); move(list.querySelector('li[data-step="' + stepOf(form.elements.shown.value) + '"]'), Number(button.dataset.move)); }
    else if (button.dataset.removeVariant !== undefined) { event.preventDefault(); removeVariant(form.elements.shown.value); }
    else if (button.dataset.removeStep !== undefined) { event.preventDefault(); removeStep(stepOf(form.elements.shown.value)); }
    else if (button.dataset.undo !== undefined) bringBack();
  });
  document.addEventListener('click', function (event) {
    var button = event.target.closest('#problems [data-show]');
    if (!button) return;
    event.preventDefault();
    show(button.dataset.show);
    form.querySelector('[data-subject="' + form.elements.shown.value + '"] input').focus();
  });
  list.addEventListener('keydown', function (event) {
    var grip = event.target.closest('[data-grip]'), by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!grip || !by) return;
    event.preventDefault();
    move(grip.closest('li'), by);
    grip.focus();
  });
  form.addEventListener('input', function (event) {
    if (event.target.matches('[data-delay]')) number();
    if (event.target.matches('[data-split] select, [data-share] input')) shares(event.target.closest('[data-split]').dataset.split);
    var subject = event.target.closest && event.target.closest('[data-subject]');
    if (subject && event.target.type !== 'hidden') subject.querySelector('[data-count]').textContent = event.target.value.length;
  });
  document.addEventListener('htmx:afterRequest', function (event) {
    var key = event.detail.xhr && event.detail.xhr.getResponseHeader('X-Shown');
    if (!key || !event.detail.successful) return;
    forget();
    number();
    show(key);
    shares(stepOf(key));
    changed();
    form.querySelector('[data-subject="' + key + '"] input').focus();
  });

  if (editable && window.Sortable) {
    var start = [];
    window.Sortable.create(list, {
      handle: '[data-grip]', animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 140, ghostClass: 'sortable-ghost',
      onStart: function () { start = delays(); },
      onEnd: function (event) { if (event.oldIndex !== event.newIndex) reordered(start, event.item); }
    });
  }
  all('[data-split]').forEach(function (split) { shares(split.dataset.split); });
  var problems = document.getElementById('problems');
  if (problems) problems.focus();
})();
