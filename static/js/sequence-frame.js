/* The email body in its frame: Squire, with everything that enters passing through DOMPurify. The page around it speaks to
   `window.qdBody`; what happens here is told by the callbacks that it sets. */
(function () {
  'use strict';
  var root = document.getElementById('body'), loading = false, marks = {}, loaded = '';
  /* Pasted text keeps its structure and loses its looks; a body that is loaded keeps what an email may have. */
  var PASTED = {
    ALLOWED_TAGS: ['a', 'b', 'blockquote', 'br', 'div', 'em', 'i', 'li', 'ol', 'p', 'span', 'strong', 'u', 'ul'],
    ALLOWED_ATTR: ['href']
  };
  var LOADED = { FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'video', 'audio'], ADD_ATTR: ['target'] };
  function clean(html) {
    var rules = Object.assign({ RETURN_DOM_FRAGMENT: true, WHOLE_DOCUMENT: false }, loading ? LOADED : PASTED);
    var fragment = document.importNode(DOMPurify.sanitize(html, rules), true);
    if (!loading) fragment.querySelectorAll('a:not([href])').forEach(function (link) { link.replaceWith.apply(link, link.childNodes); });
    return fragment;
  }
  var editor = new Squire(root, { blockTag: 'P', addLinks: false, sanitizeToDOMFragment: clean });
  ['Ctrl-s', 'Meta-s'].forEach(function (key) {
    editor.setKeyHandler(key, function (self, event) { event.preventDefault(); tell('onSave'); });
  });

  function tell(name, value) { if (window.qdBody[name]) window.qdBody[name](value); }
  /* As high as the text; the element itself always fills the frame, so that a click below the text lands in it. */
  function size() {
    var last = root.lastElementChild;
    tell('onSize', last ? last.offsetTop + last.offsetHeight + 38 : 0);
  }
  function mark() { window.qdHighlight(root, marks); }

  /* Whether what the editor now holds is the very document that was handed over; if not, what it would have changed. Squire
     keeps tables as they are until somebody types beside one. */
  function changes(html) {
    var read = new DOMParser().parseFromString(html, 'text/html'), mine = root.cloneNode(true), found = [];
    function has(selector) { return read.querySelector(selector) !== null; }
    read.body.normalize();
    mine.normalize();
    var theirs = Array.from(read.body.childNodes), own = Array.from(mine.childNodes);
    var same = read.childNodes.length === 1 && !read.head.childNodes.length && !read.body.attributes.length &&
      !read.documentElement.attributes.length && html.indexOf('\u200b') < 0 &&
      theirs.length === own.length && theirs.every(function (node, i) { return node.isEqualNode(own[i]); });
    if (same && !has('table')) return found;
    if (html.indexOf('<!--') >= 0) found.push('comments');
    if (has('table')) found.push('tables');
    if (/<\w+:\w+/.test(html)) found.push('Office markup');
    if (has('style, link, meta')) found.push('a style sheet');
    if (has('strong, em, font')) found.push('other words for bold and italic');
    if (has('form, input, button, video, audio, script, object, embed')) found.push('elements that emails seldom have');
    var loose = theirs.some(function (node) { return node.nodeType === Node.TEXT_NODE && node.data.trim() || /^(A|B|I|SPAN|BR|IMG|U)$/.test(node.nodeName); });
    if (loose) found.push('text outside of paragraphs');
    var gaps = Array.from(read.body.querySelectorAll('*')).concat(read.body).some(function (node) {
      return Array.from(node.childNodes).some(function (child) { return child.nodeType === Node.TEXT_NODE && child.data && !child.data.trim() && /\n/.test(child.data); });
    });
    if (!found.length) found.push(gaps ? 'line breaks between the paragraphs' : 'how its formatting is written');
    return found;
  }

  /* Browsers write a space at the end of a text as a no-break space until something follows; here something does. */
  function plainSpace() {
    var range = editor.getSelection(), node = range.startContainer, at = range.startOffset;
    if (!range.collapsed || node.nodeType !== Node.TEXT_NODE || !/[^\s\u00a0]\u00a0$/.test(node.data.slice(0, at))) return;
    node.replaceData(at - 1, 1, ' ');
    range.setStart(node, at);
    range.collapse(true);
    editor.setSelection(range);
  }
  function selected() { return editor.getSelection().toString(); }
  function toggle(tag, on, off) {
    return function () { if (editor.hasFormat(tag)) editor[off](); else editor[on](); };
  }
  function list(tag, make) {
    return function () { if (editor.hasFormat(tag)) editor.removeList(); else editor[make](); };
  }
  var commands = {
    bold: toggle('B', 'bold', 'removeBold'),
    italic: toggle('I', 'italic', 'removeItalic'),
    underline: toggle('U', 'underline', 'removeUnderline'),
    bullets: list('UL', 'makeUnorderedList'),
    numbers: list('OL', 'makeOrderedList'),
    undo: function () { editor.undo(); },
    redo: function () { editor.redo(); },
    spintax: function () { editor.insertPlainText('{' + (selected() || 'Hi') + '|Hello}', false); },
    insert: function (text) { plainSpace(); editor.insertPlainText(text, false); },
    link: function (address) { if (address) editor.makeLink(address); else editor.removeLink(); }
  };

  window.qdBody = {
    /* Shows a body; returns what the editor would change in it (nothing: it is safe to edit here). */
    load: function (html) {
      loading = true;
      editor.setHTML(html);
      loading = false;
      loaded = editor.getHTML();
      mark();
      size();
      return changes(html);
    },
    html: function () { return editor.getHTML(); },
    isAsLoaded: function () { return editor.getHTML() === loaded; },
    run: function (name, value) { editor.focus(); commands[name](value); editor.focus(); },
    mark: function (wanted) { marks = wanted; mark(); },
    link: function () {
      var anchor = editor.getSelection().commonAncestorContainer;
      anchor = (anchor.nodeType === Node.ELEMENT_NODE ? anchor : anchor.parentElement).closest('a');
      return anchor ? anchor.getAttribute('href') : '';
    },
    pressed: function () {
      return {
        bold: editor.hasFormat('B'), italic: editor.hasFormat('I'), underline: editor.hasFormat('U'),
        link: editor.hasFormat('A'), bullets: editor.hasFormat('UL'), numbers: editor.hasFormat('OL')
      };
    },
    focus: function () { editor.focus(); },
    readOnly: function () { root.setAttribute('contenteditable', 'false'); root.setAttribute('aria-readonly', 'true'); },
    name: function (label) { root.setAttribute('aria-label', label); }
  };

  editor.addEventListener('input', function () { tell('onInput'); mark(); size(); });
  editor.addEventListener('pathChange', function () { tell('onSelect'); });
  editor.addEventListener('select', function () { tell('onSelect'); });
  editor.addEventListener('cursor', function () { tell('onSelect'); });
  new ResizeObserver(size).observe(root);
})();
