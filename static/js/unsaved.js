/* Forms with data-editor: marks what differs from what the provider has (data-was), counts it, warns before it is left,
   and shows that a save is on its way. A choice after a conflict (data-choice) fills the field it is about. */
(function () {
  'use strict';
  var form = document.querySelector('form[data-editor]');
  if (!form) return;
  var sent = false;

  function valueOf(field) {
    if (field.id === 'week') {
      return Array.from(field.querySelectorAll('input[name=days]:checked')).map(function (box) { return box.value; }).join(',');
    }
    if (field.type === 'checkbox') return field.checked ? 'on' : 'off';
    return field.value;
  }
  function nameOf(field) { return field.id === 'week' ? 'days' : field.name; }
  function count() {
    var changed = 0, isSet = form.dataset.set === 'yes';
    form.querySelectorAll('[data-was]').forEach(function (field) {
      var differs = valueOf(field) !== field.dataset.was;
      if (differs) changed += 1;
      var mark = form.querySelector('[data-mark="' + nameOf(field) + '"]');
      if (mark) mark.hidden = !differs || !isSet;
    });
    var words = document.getElementById('unsaved'), discard = document.getElementById('discard');
    var text = !isSet ? 'Not saved yet' : changed ? changed + (changed === 1 ? ' unsaved change' : ' unsaved changes') : '';
    if (words && words.textContent !== text) words.textContent = text;
    if (discard && isSet) discard.hidden = !changed;
    return isSet ? changed : 0;
  }
  form.addEventListener('input', count);
  form.addEventListener('change', count);
  addEventListener('pageshow', function () { sent = passed = false; busy(false); count(); });

  function fieldOf(name) { return name === 'days' ? document.getElementById('week') : form.elements[name]; }
  function fill(name, text) {
    var field = fieldOf(name);
    if (!field) return;
    if (name === 'days') {
      var days = text.split(',');
      field.querySelectorAll('input[name=days]').forEach(function (box) { box.checked = days.indexOf(box.value) >= 0; });
    } else if (field.type === 'checkbox') {
      field.checked = text === 'on';
    } else {
      field.value = text;
    }
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  var typed = {};
  form.querySelectorAll('[data-choice]').forEach(function (choice) {
    var field = fieldOf(choice.dataset.choice);
    if (!field) return;
    typed[choice.dataset.choice] = valueOf(field);
    choice.addEventListener('change', function (event) {
      fill(choice.dataset.choice, event.target.value === 'theirs' ? field.dataset.was : typed[choice.dataset.choice]);
    });
    var chosen = choice.querySelector('input:checked');
    if (chosen && chosen.value === 'theirs') fill(choice.dataset.choice, field.dataset.was);
    field.addEventListener('input', function (event) {
      if (!event.isTrusted) return;
      typed[choice.dataset.choice] = valueOf(field);
      choice.querySelector('input[value=mine]').checked = true;
    });
  });

  function busy(on) {
    document.querySelectorAll('button[form="' + form.id + '"], #' + form.id + ' button[type=submit]').forEach(function (button) {
      if (on) button.setAttribute('aria-busy', 'true'); else button.removeAttribute('aria-busy');
    });
  }
  /* Before the page is given up for the answer: is somebody there to answer, and are we still signed in? What was typed would
     be lost with it. Who signed in anew in another tab goes on with the new token. */
  var passed = false, signedOut = false;
  function isHeard() {
    if (signedOut) return window.renewToken().then(function (renewed) { signedOut = !renewed; return renewed; });
    return fetch(form.dataset.door, { method: 'HEAD', redirect: 'manual' }).then(function (answer) {
      signedOut = answer.type === 'opaqueredirect';
      return !signedOut;
    });
  }
  function stay(title, text) {
    sent = false;
    busy(false);
    document.dispatchEvent(new CustomEvent('toast', { detail: { level: 'error', title: title, text: text } }));
  }
  form.addEventListener('submit', function (event) {
    if (passed) return;
    event.preventDefault();
    if (sent) return;
    sent = true;
    busy(true);
    var button = event.submitter;
    isHeard().then(function (heard) {
      if (!heard) { stay('You are signed out', 'Nothing was changed, and what you typed is still here. Sign in again in another tab, then save once more.'); return; }
      passed = true;
      form.requestSubmit(button && button.isConnected ? button : undefined);
    }, function () { stay('Can’t reach Quarterdeck', 'Nothing was changed. What you typed is still here.'); });
  });
  var discard = document.getElementById('discard');
  if (discard) discard.addEventListener('click', function () { sent = true; });
  addEventListener('beforeunload', function (event) {
    if (!sent && form.querySelector('fieldset:not(:disabled)') && count()) event.preventDefault();
  });
  document.addEventListener('keydown', function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key === 's' && form.querySelector('.qd-fields:not(:disabled)')) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  count();
})();
