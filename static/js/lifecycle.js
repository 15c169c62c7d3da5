/* Questions in a dialog ([data-ask] links lead to the same question as a page), forms that are sent once ([data-deed]), and "U",
   which takes back what the newest toast tells of. The tab of this page is in view. */
(function () {
  'use strict';
  var opener = null;
  function dialog() { return document.getElementById('ask'); }
  function body() { return document.getElementById('ask-body'); }

  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[data-ask]');
    if (link && dialog() && window.htmx && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) {
      event.preventDefault();
      var menu = link.closest('details');
      opener = menu ? menu.querySelector('summary') : link;
      if (menu) menu.open = false;
      var url = new URL(link.href);
      url.searchParams.set('dialog', '1');
      window.htmx.ajax('GET', url.pathname + url.search, { target: '#ask-body', source: body() }).then(show);
      return;
    }
    if (event.target.closest('[data-cancel]') && dialog() && dialog().contains(event.target)) {
      event.preventDefault();
      dialog().close();
    }
  });
  function show() {
    if (!body().firstElementChild) return; /* the request failed, and that has been said */
    if (!dialog().open) dialog().showModal();
    focusFirst();
  }
  function focusFirst() {
    var first = body().querySelector('.is-invalid, input:not([type=hidden]):not([type=checkbox])');
    if (!first) first = body().querySelector('[data-cancel]');
    if (!first) return;
    first.focus();
    if (first.value && first.select && !first.classList.contains('is-invalid')) first.select();
  }
  document.addEventListener('htmx:afterSettle', function (event) {
    if (dialog() && dialog().open && event.detail.target === body()) focusFirst();
  });
  document.addEventListener('DOMContentLoaded', function () {
    if (!dialog()) return;
    dialog().addEventListener('close', function () {
      body().replaceChildren();
      if (opener && opener.isConnected) opener.focus();
      opener = null;
    });
  });

  /* On a narrow screen the tabs scroll sideways: the one of this page is in view. */
  document.addEventListener('DOMContentLoaded', function () {
    var here = document.querySelector('.qd-views [aria-current=page]');
    if (!here) return;
    var tabs = here.parentNode, room = tabs.clientWidth - here.offsetWidth;
    tabs.scrollLeft += here.getBoundingClientRect().left - tabs.getBoundingClientRect().left - room / 2;
  });

  /* A form is sent once; going back to the page makes it usable again. */
  document.addEventListener('submit', function (event) {
    var form = event.target.closest('form[data-deed]');
    if (!form || form.hasAttribute('hx-post')) return;
    var button = form.querySelector('button[type=submit]');
    if (button.getAttribute('aria-busy') === 'true') { event.preventDefault(); return; }
    button.setAttribute('aria-busy', 'true');
  });
  addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-deed] [aria-busy]').forEach(function (button) { button.removeAttribute('aria-busy'); });
  });

  document.addEventListener('keydown', function (event) {
    if (event.key !== 'u' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (document.querySelector('dialog[open]')) return;
    var undo = Array.from(document.querySelectorAll('[data-undo] button')).pop();
    if (undo) { event.preventDefault(); undo.click(); }
  });
  /* Undo is a change of its own: the toast that offered it has done its part. */
  document.addEventListener('htmx:beforeRequest', function (event) {
    var undo = event.detail.elt.closest && event.detail.elt.closest('[data-undo]');
    if (!undo) return;
    var toast = undo.closest('.qd-toast');
    toast.hidden = true;
    document.addEventListener('htmx:afterRequest', function gone(done) {
      if (done.detail.elt !== event.detail.elt) return;
      document.removeEventListener('htmx:afterRequest', gone);
      toast.remove();
    });
  });
})();
