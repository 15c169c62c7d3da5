/* The box that searches everything: Ctrl K (or "/" where there is no list to search) opens it over any page. Arrows choose, Enter
   opens, Esc closes and focus returns. Where one was last is kept as addresses in this tab alone; names come from the server. */
(function () {
  'use strict';
  var box = document.getElementById('search-box');
  if (!box) return;
  var form = box.querySelector('form'), field = document.getElementById('search-field');
  var found = document.getElementById('search-found'), says = box.querySelector('[data-search-says]');
  var RECENT = 'qd-recent', MOST = 8, goes = null;

  function visited() {
    try { return JSON.parse(sessionStorage.getItem(RECENT)) || []; } catch (error) { return []; }
  }
  var here = location.pathname.match(/^\/(campaigns|clients|connections)\/[^/]+\//);
  if (here) {
    var others = visited().filter(function (path) { return path !== here[0]; });
    try { sessionStorage.setItem(RECENT, JSON.stringify([here[0]].concat(others).slice(0, MOST))); } catch (error) { /* full or off */ }
  }

  function options() { return Array.from(found.querySelectorAll('[role=option]')); }
  function chosen() { return found.querySelector('[aria-selected=true]'); }
  function choose(option) {
    options().forEach(function (one) { one.setAttribute('aria-selected', String(one === option)); });
    if (!option) { field.removeAttribute('aria-activedescendant'); return; }
    field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }
  function move(step) {
    var all = options(), at = all.indexOf(chosen());
    if (all.length) choose(all[(at + step + all.length) % all.length]);
  }
  function answered() {
    var answer = found.firstElementChild;
    return answer && answer.dataset.for === field.value.trim() ? answer : null;
  }
  function go(elsewhere) {
    var option = chosen();
    if (!option) return;
    if (elsewhere) window.open(option.href, '_blank', 'noopener');
    else location.assign(option.href);
  }

  function open() {
    if (box.open || document.querySelector('dialog[open]')) return;
    form.elements.recent.value = visited().filter(function (path) { return !here || path !== here[0]; }).join(' ');
    goes = null;
    box.showModal();
    field.select();
    if (window.htmx) window.htmx.trigger(form, 'opened');
  }
  document.addEventListener('search:open', open);
  document.addEventListener('keydown', function (event) {
    if (!event.key || event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (box.open) box.close(); else open();
  });
  document.addEventListener('click', function (event) {
    var opener = event.target.closest('[data-search-open]');
    if (opener && !(event.ctrlKey || event.metaKey || event.shiftKey)) { event.preventDefault(); open(); }
    if (event.target === box) box.close();
  });

  field.addEventListener('keydown', function (event) {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') {
      if (answered()) go(event.ctrlKey || event.metaKey);
      else goes = event.ctrlKey || event.metaKey ? 'elsewhere' : 'here';
    } else return;
    event.preventDefault();
  });
  field.addEventListener('input', function () { goes = null; });
  document.addEventListener('htmx:afterSwap', function (event) {
    if (event.detail.target !== found) return;
    found.scrollTop = 0;
    choose(options()[0]);
    field.setAttribute('aria-expanded', String(options().length > 0));
    var answer = answered();
    if (answer) says.textContent = answer.dataset.says;
    if (answer && goes) { var where = goes; goes = null; go(where === 'elsewhere'); }
  });
})();
