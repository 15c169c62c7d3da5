/* What htmx needs on every page: the CSRF token, polling that stops in hidden tabs, focus that survives a swap, words for
   a request that did not arrive. Elements with data-poll="seconds" and hx-trigger="poll" are asked again and again; when a swap
   removes the attribute or the element, the asking stops. */
(function () {
  'use strict';
  document.addEventListener('htmx:configRequest', function (event) {
    var token = document.querySelector('meta[name="csrf-token"]');
    if (event.detail.verb !== 'get') {
      if (token) event.detail.headers['X-CSRFToken'] = token.content;
      return;
    }
    keepOrder(event.detail);
    tidy(event.detail);
  });
  /* Text that is typed is sent a moment later: the order that was chosen in between is in the form by then. */
  function keepOrder(detail) {
    var field = document.getElementById('sort');
    if (field && detail.elt.closest('th') && detail.formData.has('sort')) field.value = detail.formData.get('sort');
  }
  /* Addresses stay short: no empty names, and what the server remembers ([data-remembered]) only when it was just changed. */
  function tidy(detail) {
    var cause = detail.triggeringEvent && detail.triggeringEvent.target;
    document.querySelectorAll('[data-remembered]').forEach(function (part) {
      if (cause && part.contains(cause)) return;
      part.querySelectorAll('[name]').forEach(function (field) { detail.formData.delete(field.name); });
    });
    Array.from(detail.formData.keys()).forEach(function (name) {
      if (detail.formData.getAll(name).every(function (value) { return value === ''; })) detail.formData.delete(name);
    });
  }

  /* Two questions about the same part may be on their way at once: typed text, then a click on a head. The newest one is
     shown, whichever answer comes first. Aborting the older one instead would be logged as an error by htmx. */
  var newest = {};
  document.addEventListener('htmx:beforeSend', function (event) {
    if (event.detail.target.id && !quiet(event)) newest[event.detail.target.id] = event.detail.xhr;
  });
  document.addEventListener('htmx:beforeSwap', function (event) {
    var latest = newest[event.detail.target.id];
    if (latest && latest !== event.detail.xhr && (!quiet(event) || latest.readyState < 4)) event.detail.shouldSwap = false;
  });

  var asked = new WeakMap();
  function poll() {
    if (document.visibilityState !== 'visible' || !window.htmx) return;
    var now = Date.now();
    document.querySelectorAll('[data-poll]').forEach(function (element) {
      var last = asked.get(element);
      if (last === undefined) { asked.set(element, now); return; }
      if (now - last < Number(element.dataset.poll) * 1000 || element.classList.contains('htmx-request')) return;
      asked.set(element, now);
      window.htmx.trigger(element, 'poll');
    });
  }
  setInterval(poll, 500);
  document.addEventListener('visibilitychange', poll);

  /* Focus stays; if the focused element is gone, it goes to the swapped part's heading or the part itself. */
  var lost = null;
  document.addEventListener('htmx:beforeSwap', function (event) {
    var target = event.detail.target, active = document.activeElement;
    lost = target && target.contains(active) ? target.id : null;
  });
  document.addEventListener('htmx:afterSettle', function () {
    if (!lost) return;
    var part = document.getElementById(lost);
    lost = null;
    if (!part || (document.activeElement && document.activeElement !== document.body)) return;
    var heading = part.querySelector('[data-heading]') || part;
    heading.setAttribute('tabindex', '-1');
    heading.focus({ preventScroll: true });
  });

  function say(title, text) {
    document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'error', title: title, text: text } }));
  }
  var quiet = function (event) { return event.detail.elt && event.detail.elt.dataset && event.detail.elt.dataset.poll; };
  document.addEventListener('htmx:sendError', function (event) {
    if (!quiet(event)) say('Can’t reach Quarterdeck', 'Nothing was changed. Check your connection and try again.');
  });
  document.addEventListener('htmx:responseError', function (event) {
    var status = event.detail.xhr.status;
    if (status === 401 || status === 403 && event.detail.xhr.getResponseHeader('X-Signed-Out')) { signedOut(event); return; }
    if (!quiet(event)) say('That did not work (' + status + ')', 'Nothing was changed. Load the page again and retry.');
  });
  /* Somebody who signed in anew in another tab has a new token: this page takes it over. */
  var wasSignedOut = false;
  window.renewToken = function () {
    return fetch(location.pathname).then(function (answer) { return answer.text(); }).then(function (html) {
      var fresh = new DOMParser().parseFromString(html, 'text/html').querySelector('meta[name="csrf-token"]');
      if (!fresh) return false;
      wasSignedOut = false;
      document.querySelector('meta[name="csrf-token"]').content = fresh.content;
      document.querySelectorAll('input[name=csrfmiddlewaretoken]').forEach(function (field) { field.value = fresh.content; });
      return true;
    });
  };
  addEventListener('focus', function () { if (wasSignedOut) window.renewToken(); });

  /* A session that ended: the page is loaded anew and asks to sign in, unless that would take away what was typed. */
  function signedOut(event) {
    if (event.detail.requestConfig.verb === 'get' && !document.querySelector('form[data-editor]')) { location.reload(); return; }
    if (wasSignedOut && quiet(event)) return;
    wasSignedOut = true;
    say('You are signed out', 'Nothing was changed, and what you typed is still here. Sign in again in another tab, then press the button once more.');
  }
  document.addEventListener('htmx:beforeOnLoad', function (event) {
    var answered = event.detail.xhr.responseURL;
    if (answered && new URL(answered).pathname.indexOf('/accounts/login') === 0) {
      event.preventDefault();
      signedOut(event);
    }
  });
})();
