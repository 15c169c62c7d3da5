/* Results of actions, bottom right: at most three, gone after 6 s, held while pointed at or focused; errors stay until closed.
   The page brings its own in the markup (Django messages); swaps bring more through the HX-Trigger event "toast". */
(function () {
  'use strict';
  var LIFE = 6000, MOST = 3;
  function area() { return document.getElementById('toasts'); }
  function drop(toast) { toast.remove(); }
  function watch(toast) {
    if (toast.dataset.watched) return;
    toast.dataset.watched = '1';
    if (toast.dataset.stays !== undefined) return;
    var timer = setTimeout(drop, LIFE, toast);
    function hold() { clearTimeout(timer); }
    function release() { clearTimeout(timer); timer = setTimeout(drop, LIFE, toast); }
    toast.addEventListener('pointerenter', hold);
    toast.addEventListener('focusin', hold);
    toast.addEventListener('pointerleave', release);
    toast.addEventListener('focusout', release);
  }
  function settle() {
    var toasts = area() ? Array.from(area().children) : [];
    toasts.slice(0, Math.max(0, toasts.length - MOST)).forEach(drop);
    toasts.slice(-MOST).forEach(watch);
  }
  function add(detail) {
    var model = document.getElementById('toast-' + (detail.level === 'error' ? 'error' : 'good'));
    if (!model || !area()) return;
    var toast = model.content.firstElementChild.cloneNode(true);
    toast.querySelector('b').textContent = detail.title || '';
    toast.querySelector('[data-text]').textContent = detail.text || '';
    area().append(toast);
    settle();
  }
  document.addEventListener('DOMContentLoaded', settle);
  document.addEventListener('htmx:afterSettle', settle);
  document.addEventListener('toast', function (event) { add(event.detail); });
  document.addEventListener('click', function (event) {
    var close = event.target.closest('[data-toast-close]');
    if (close) drop(close.closest('.qd-toast'));
  });
})();
