/* Checks and preview of the shown text: asked for 400 ms after typing. The preview's frame is sandboxed and shows what the
   server was handed last; its address is replaced, so that typing leaves nothing in the history. */
(function () {
  'use strict';
  var form = document.getElementById('sequence'), frame = document.getElementById('preview');
  if (!form || !frame) return;
  var timer = null, version = 0, as = 'desktop', another = document.getElementById('another');

  function ask() { if (window.htmx && document.getElementById('check')) window.htmx.trigger('#check', 'qd:check'); }
  function later() { clearTimeout(timer); timer = setTimeout(ask, 400); }
  function preview() {
    var head = document.querySelector('#preview-head [data-src]');
    var address = new URL(head.dataset.src, location.href);
    if (version) address.searchParams.set('version', version);
    if (as === 'plain') address.searchParams.set('plain', '1');
    another.hidden = head.dataset.versions === undefined;
    frame.classList.toggle('mob', as === 'mobile');
    try { frame.contentWindow.location.replace(address); } catch (e) { frame.src = address; }
  }
  function samples() {
    var fresh = document.getElementById('new-samples'), box = document.getElementById('samples');
    if (!fresh) return;
    function names(root) { return Array.from(root.querySelectorAll('[data-sample]')).map(function (one) { return one.name; }).join(); }
    if (names(fresh.content) !== names(box)) box.replaceChildren(fresh.content.cloneNode(true));
  }

  form.addEventListener('input', later);
  form.addEventListener('qd:shown', function () { version = 0; clearTimeout(timer); ask(); });
  document.addEventListener('htmx:afterSettle', function (event) {
    if (event.detail.target && event.detail.target.id === 'checks') { samples(); preview(); }
  });
  document.getElementById('preview-as').addEventListener('click', function (event) {
    var button = event.target.closest('[data-as]');
    if (!button) return;
    as = button.dataset.as;
    document.querySelectorAll('[data-as]').forEach(function (one) { one.setAttribute('aria-pressed', String(one === button)); });
    preview();
  });
  another.addEventListener('click', function () { version += 1; preview(); });
  another.hidden = document.querySelector('#preview-head [data-versions]') === null;
})();
