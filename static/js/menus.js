/* <details class="qd-menu"> open without scripts; here they close on Esc, on a click elsewhere and when another opens.
   Also the off-canvas sidebar: its burger is a plain link to #menu, so it opens without scripts too. */
(function () {
  'use strict';
  function openMenus() { return document.querySelectorAll('details.qd-menu[open]'); }
  function close(menu, refocus) {
    menu.open = false;
    if (refocus) menu.querySelector('summary').focus();
  }

  document.addEventListener('click', function (event) {
    openMenus().forEach(function (menu) { if (!menu.contains(event.target)) close(menu, false); });
  });
  document.addEventListener('toggle', function (event) {
    var menu = event.target;
    if (!menu.matches || !menu.matches('details.qd-menu') || !menu.open) return;
    openMenus().forEach(function (other) { if (other !== menu) close(other, false); });
  }, true);
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    var menus = openMenus();
    if (!menus.length) return;
    event.stopPropagation();
    menus.forEach(function (menu) { close(menu, menu.contains(document.activeElement)); });
  });

  var opener = null;
  function side() { return document.getElementById('menu'); }
  function showSide(from) {
    opener = from;
    side().classList.add('open');
    setRest(true);
    var first = side().querySelector('a, button');
    if (first) first.focus();
  }
  function hideSide() {
    side().classList.remove('open');
    setRest(false);
    if (location.hash === '#menu') history.replaceState(null, '', location.pathname + location.search);
    if (opener) opener.focus();
    opener = null;
  }
  function setRest(inert) {
    document.querySelectorAll('.qd-main, .qd-tabbar').forEach(function (part) { part.inert = inert; });
  }
  document.addEventListener('click', function (event) {
    var burger = event.target.closest('[data-menu-open]');
    if (burger) { event.preventDefault(); showSide(burger); return; }
    if (event.target.closest('[data-menu-close]') && side()) { event.preventDefault(); hideSide(); }
  });
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape' && side() && side().classList.contains('open')) hideSide();
  });
  matchMedia('(min-width: 821px)').addEventListener('change', function (wide) {
    if (wide.matches && side() && side().classList.contains('open')) hideSide();
  });
})();
