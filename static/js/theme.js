/* Loaded in <head> without defer: the theme must be set before the first paint. Stored under "theme" as light or dark. */
(function () {
  'use strict';
  var root = document.documentElement;
  var wish = matchMedia('(prefers-color-scheme: dark)');
  function stored() {
    try { return localStorage.getItem('theme'); } catch (e) { return null; /* storage may be off */ }
  }
  function show() {
    var theme = stored() || (wish.matches ? 'dark' : 'light');
    if (root.getAttribute('data-bs-theme') === theme) return;
    root.setAttribute('data-bs-theme', theme);
    document.dispatchEvent(new CustomEvent('qd:theme'));
  }
  root.classList.add('js');
  show();
  wish.addEventListener('change', show);
  addEventListener('storage', function (event) { if (event.key === 'theme') show(); });
  document.addEventListener('click', function (event) {
    if (!event.target.closest('[data-theme-toggle]')) return;
    var next = root.getAttribute('data-bs-theme') === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem('theme', next); } catch (e) { /* then it lasts for this page */ }
    root.setAttribute('data-bs-theme', next);
    document.dispatchEvent(new CustomEvent('qd:theme'));
  });
})();
