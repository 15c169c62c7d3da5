/* The bodies of the sequence editor: each opens in a frame with the editor when it is first shown, or stays HTML source where
   the editor would change it. The text field is what is sent; it is written only when somebody has typed, so that an untouched
   text goes back as it came. `window.qdBodies` is for the other scripts of the page. */
(function () {
  'use strict';
  var form = document.getElementById('sequence');
  if (!form) return;
  var editable = form.dataset.editable !== undefined, toolbar = document.getElementById('toolbar');
  var rooms = {}, lastField = null;

  function panel(key) { return form.querySelector('[data-body="' + key + '"]'); }
  function source(key) { return panel(key).querySelector('[data-source]'); }
  function shown() { return form.elements.shown.value; }
  function room() { var found = rooms[shown()]; return found && found.rich ? found : null; }
  function changed(key) { source(key).dispatchEvent(new Event('input', { bubbles: true })); }

  function setRich(key, rich) {
    rooms[key].rich = rich;
    panel(key).classList.toggle('rich', rich);
    rooms[key].frame.hidden = !rich;
    paint();
  }
  function warn(key, why) {
    var note = panel(key).querySelector('[data-lossy]');
    note.hidden = !why.length;
    note.querySelector('[data-why]').textContent = why.join(', ');
  }
  /* Hand the text to the editor; where that would change it, the text stays in its field. */
  function load(key, anyway) {
    var text = source(key).value, api = rooms[key].api, why = api.load(text);
    rooms[key].original = text;
    if (why.length && text.trim() && !anyway) { warn(key, why); setRich(key, false); return; }
    warn(key, []);
    setRich(key, true);
    if (anyway && why.length) { source(key).value = api.html(); rooms[key].original = source(key).value; changed(key); }
  }
  function enter(key) {
    var api = rooms[key].frame.contentWindow.qdBody;
    if (!api) return;
    rooms[key].api = api;
    api.name('Body of ' + panel(key).dataset.name);
    api.onInput = function () {
      source(key).value = api.isAsLoaded() ? rooms[key].original : api.html();
      changed(key);
    };
    api.onSize = function (height) { rooms[key].frame.style.height = Math.max(330, height) + 'px'; };
    api.onSelect = function () { lastField = null; paint(); };
    api.onSave = function () { document.dispatchEvent(new CustomEvent('qd:save')); };
    if (!editable) api.readOnly();
    load(key, false);
    mark();
    performance.mark('editor ready');
  }
  function open(key) {
    if (!key || rooms[key] || !panel(key)) return;
    var frame = document.createElement('iframe');
    frame.title = 'Editor of the body of ' + panel(key).dataset.name;
    frame.hidden = true;
    rooms[key] = { frame: frame, rich: false, api: null, original: '' };
    frame.addEventListener('load', function () { enter(key); });
    frame.src = form.dataset.frame;
    panel(key).append(frame);
  }
  function close(key) {
    if (!rooms[key]) return;
    rooms[key].frame.remove();
    delete rooms[key];
    if (panel(key)) panel(key).classList.remove('rich');
  }
  function reload(key) { if (rooms[key] && rooms[key].api && rooms[key].rich) load(key, false); }
  function mark() {
    var checks = document.getElementById('checks'), here = room();
    if (here && checks) here.api.mark(JSON.parse(checks.dataset.marks || '{}'));
  }

  /* Tools */
  function paint() {
    if (!toolbar) return;
    var here = room(), pressed = here ? here.api.pressed() : {};
    toolbar.querySelectorAll('[data-command]').forEach(function (button) {
      if (button.hasAttribute('aria-pressed')) button.setAttribute('aria-pressed', String(Boolean(pressed[button.dataset.command])));
      button.disabled = !here && button.dataset.command !== 'spintax';
    });
    var toggle = toolbar.querySelector('[data-source-toggle]');
    toggle.setAttribute('aria-pressed', String(!here));
  }
  function intoField(field, text) {
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  function insert(text) {
    if (lastField && lastField.isConnected && !lastField.closest('[hidden]')) intoField(lastField, text);
    else if (room()) room().api.run('insert', text);
    else if (shown()) intoField(source(shown()), text);
  }
  function askLink() {
    var dialog = document.getElementById('link-dialog'), field = document.getElementById('link-address'), here = room();
    if (!here) return;
    field.value = here.api.link() || 'https://';
    dialog.returnValue = '';
    dialog.addEventListener('close', function () {
      if (dialog.returnValue === 'set') here.api.run('link', field.value.trim());
      else if (dialog.returnValue === 'remove') here.api.run('link', '');
      else here.api.focus();
    }, { once: true });
    dialog.showModal();
    field.select();
  }
  if (toolbar && editable) {
    toolbar.addEventListener('mousedown', function (event) { if (event.target.closest('[data-command]')) event.preventDefault(); });
    toolbar.addEventListener('click', function (event) {
      var button = event.target.closest('button');
      if (!button) return;
      if (button.dataset.insert) { document.getElementById('variables').open = false; insert('{{' + button.dataset.insert + '}}'); return; }
      if (button.dataset.sourceToggle !== undefined) {
        if (room()) setRich(shown(), false);
        else if (rooms[shown()] && rooms[shown()].api) load(shown(), false);
        (room() ? room().api : source(shown())).focus();
        return;
      }
      if (button.dataset.command === 'link') { askLink(); return; }
      if (button.dataset.command === 'spintax' && (lastField || !room())) { insert('{Hi|Hello}'); return; }
      if (room()) { room().api.run(button.dataset.command); paint(); }
    });
    toolbar.addEventListener('keydown', function (event) {
      var step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || event.target.closest('.qd-pop')) return;
      var tools = Array.from(toolbar.querySelectorAll(':scope > button:not(:disabled), summary'));
      var next = tools[tools.indexOf(event.target) + step];
      if (next) { event.preventDefault(); next.focus(); }
    });
  }
  form.addEventListener('focusin', function (event) {
    if (event.target.matches('[data-subject] input')) lastField = event.target;
    else if (event.target.matches('[data-source]')) lastField = null;
  });
  form.addEventListener('click', function (event) {
    var anyway = event.target.closest('[data-anyway]');
    if (anyway) { load(anyway.closest('[data-body]').dataset.body, true); rooms[shown()].api.focus(); return; }
    var fix = event.target.closest('[data-find]');
    if (!fix) return;
    event.preventDefault();
    [form.querySelector('[data-subject="' + shown() + '"] input'), source(shown())].forEach(function (field) {
      if (field.value.indexOf(fix.dataset.find) < 0) return;
      field.value = field.value.split(fix.dataset.find).join(fix.dataset.replace);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    reload(shown());
    document.getElementById('checks').querySelector('[data-heading]').focus();
  });
  document.addEventListener('htmx:afterSettle', mark);

  window.qdBodies = { open: open, close: close, paint: paint, mark: mark };
  open(shown());
  paint();
})();
