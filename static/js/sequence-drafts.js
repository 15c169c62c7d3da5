/* What is typed is kept as the person's draft every 10 s, when the page is left, and before anything else is done with it: a
   request that would be lost (no connection, signed out meanwhile) is not begun. Ctrl S or Cmd S saves. */
(function () {
  'use strict';
  var form = document.getElementById('sequence'), state = document.getElementById('draft-state');
  if (!form || form.dataset.editable === undefined) return;
  var TEXTS = '[data-source], [data-subject] > input:not([type=hidden])';
  var dirty = false, changed = false, keptAt = 0, sending = false, leaving = false, passed = false, touched = new Set();
  var drawn = new Map(), discard = document.getElementById('discard'), left = 'left ' + location.pathname;

  /* Leaving tells the server after the next page was asked for: come back at once, and that page does not know it yet. */
  var wentAt = Number(sessionStorage.getItem(left));
  sessionStorage.removeItem(left);
  if (wentAt && Date.now() - wentAt < 5000) { location.reload(); return; }

  function say(text) { if (state) state.textContent = text; }
  function keyOf(field) { return field.closest('[data-subject], [data-body]').dataset[field.dataset.source === undefined ? 'subject' : 'body']; }
  function stepOf(key) { return form.querySelector('[data-subject="' + key + '"]').dataset.ofStep; }
  function textsOf(step) { return form.querySelectorAll('[data-subject][data-of-step="' + step + '"]').length; }
  /* Whether the server finds this text by itself: it has an id of its own, or is the one text of a step that has one. */
  function known(key) {
    var step = stepOf(key);
    return Boolean(form.elements[key + '-id'].value || form.elements[step + '-id'].value && textsOf(step) === 1);
  }
  form.querySelectorAll(TEXTS).forEach(function (field) { drawn.set(field, known(keyOf(field))); });

  /* The form without texts that nobody has touched: a page that is being left can send 64 kB and no more. */
  function parts() {
    var data = new FormData(form);
    drawn.forEach(function (found, field) {
      if (found && field.isConnected && !touched.has(field) && known(keyOf(field))) data.delete(field.name);
    });
    return data;
  }
  function send(again) {
    return fetch(form.dataset.draft, { method: 'POST', body: parts(), headers: { 'X-Requested-With': 'fetch' } }).then(function (answer) {
      if (answer.redirected) throw new Error('You are signed out. Sign in again in another tab: your text stays here.');
      if (answer.status === 403 && !again) return window.renewToken().then(function () { return send(true); });
      if (!answer.ok) throw new Error('Quarterdeck answered with ' + answer.status + '. Your text stays here.');
      return answer.json();
    }, function () { throw new Error('Quarterdeck can’t be reached. Your text stays here.'); });
  }
  function kept(told) {
    keptAt = told.kept ? Date.now() : 0;
    delete form.dataset.drafted;
    if (discard) discard.hidden = !told.kept;
    tick();
  }
  function keep() {
    if (!dirty || sending || leaving) return;
    dirty = false;
    sending = true;
    send().then(kept, function (error) {
      dirty = true;
      keptAt = 0;
      say('Draft not kept. ' + error.message);
    }).finally(function () { sending = false; });
  }
  function tick() {
    if (!keptAt) { if (!dirty && state && form.dataset.drafted === undefined) say(''); return; }
    var seconds = Math.round((Date.now() - keptAt) / 1000);
    say('Draft kept here, ' + (seconds < 60 ? seconds + ' s' : Math.floor(seconds / 60) + ' min') + ' ago');
  }
  function save() {
    var button = document.querySelector('[data-save]');
    if (button) form.requestSubmit(button);
  }
  function busy(button, on) {
    if (!button || button.dataset.save === undefined) return;
    if (on) button.setAttribute('aria-busy', 'true'); else button.removeAttribute('aria-busy');
  }

  form.addEventListener('input', function (event) {
    if (event.target.matches && event.target.matches('[data-sample]')) return;
    dirty = changed = true;
    touched.add(event.target);
  });
  form.addEventListener('submit', function (event) {
    var button = event.submitter;
    if (passed) { passed = false; return; }
    if (leaving) { event.preventDefault(); return; }
    leaving = true;
    busy(button, true);
    if (!changed) return;
    event.preventDefault();
    send().then(function () {
      passed = true;
      form.requestSubmit(button && button.isConnected ? button : undefined);
    }, function (error) {
      leaving = false;
      busy(button, false);
      document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'error', title: 'Not sent', text: error.message } }));
    });
  });
  /* Elsewhere a session that ended loads the page anew; here that would lose what was typed. */
  document.addEventListener('htmx:beforeOnLoad', function (event) {
    var answered = event.detail.xhr.responseURL;
    if (!changed || !answered || new URL(answered).pathname.indexOf('/accounts/login') !== 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say('You are signed out. Sign in again in another tab: your text stays here.');
  }, true);
  if (discard) discard.addEventListener('submit', function () { leaving = true; });
  setInterval(keep, 10000);
  setInterval(tick, 1000);
  function leave() {
    if (!dirty || leaving) return true;
    var sent = navigator.sendBeacon(form.dataset.draft, parts());
    if (sent) { dirty = false; sessionStorage.setItem(left, String(Date.now())); }
    return sent;
  }
  addEventListener('beforeunload', function (event) { if (!leave()) event.preventDefault(); });
  addEventListener('pagehide', leave);
  addEventListener('pageshow', function (event) { if (event.persisted) { leaving = false; busy(document.querySelector('[data-save]'), false); } });
  document.addEventListener('visibilitychange', function () { if (document.visibilityState === 'hidden') keep(); });
  document.addEventListener('qd:save', save);
  document.addEventListener('keydown', function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 's') { event.preventDefault(); save(); }
    if (event.key === 'Enter' && event.target.matches('#sequence input')) event.preventDefault();
  });
})();
