/* Keys: "/" search this list, "?" shortcuts, "G" then a letter goes to a place, "J" and "K" walk the rows, Enter opens or "X" ticks,
   Esc leaves.
   Single keys are off while typing, with a modifier, and while a dialog or menu is open. Places carry data-go="letter". */
(function () {
  'use strict';
  var goingUntil = 0;
  function typing(target) {
    if (target.tagName === 'INPUT') return !/^(checkbox|radio)$/.test(target.type);
    return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
  }
  function busy() { return document.querySelector('dialog[open], details.qd-menu[open]'); }
  function rows() { return Array.from(document.querySelectorAll('[data-rows] [data-row-link]')); }
  function walk(step) {
    var links = rows();
    if (!links.length) return;
    var here = links.findIndex(function (link) { return link.closest('tr').contains(document.activeElement); });
    var next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, here + step));
    links[next].focus();
    links[next].closest('tr').scrollIntoView({ block: 'nearest' });
  }
  document.addEventListener('keydown', function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && typing(event.target)) {
      if (event.target.type === 'search' && event.target.value) return; /* the first Esc empties a search field */
      event.target.blur();
      return;
    }
    if (typing(event.target) || busy()) return;
    if (Date.now() < goingUntil) {
      goingUntil = 0;
      var place = document.querySelector('[data-go="' + CSS.escape(event.key.toLowerCase()) + '"]');
      if (place) { event.preventDefault(); location.assign(place.href); }
      return;
    }
    if (event.key === '/') {
      var search = document.querySelector('[data-list-search]');
      event.preventDefault();
      if (search) { search.focus(); search.select(); }
      else document.dispatchEvent(new CustomEvent('search:open'));
    } else if (event.key === '?') {
      var help = document.getElementById('shortcuts');
      if (help) { event.preventDefault(); help.showModal(); }
    } else if (event.key === 'g') {
      goingUntil = Date.now() + 1500;
    } else if (event.key === 'x' && event.target.matches('[data-row-tick]')) {
      event.preventDefault();
      event.target.click();
    } else if (event.key === 'j') {
      walk(1);
    } else if (event.key === 'k') {
      walk(-1);
    }
  });
  document.addEventListener('click', function (event) {
    if (event.target.closest('[data-shortcuts]')) document.getElementById('shortcuts').showModal();
  });
})();
