/* Marks merge tags, spintax and what the checks found in the text of an element, by the CSS Custom Highlight API: nothing is
   written into the text. `window.qdHighlight(root, {error: [...], warning: [...]})`; browsers without the API show no marks. */
(function () {
  'use strict';
  var TAG = /\{\{[^{}]*\}\}/g;
  var BLOCK = /^(P|DIV|LI|TD|TH|H[1-6]|BLOCKQUOTE|PRE|UL|OL|TABLE|TR|BR)$/;

  /* All text with where each piece comes from; blocks are parted by a newline, so that nothing is found across them. */
  function read(root) {
    var text = '', pieces = [];
    (function walk(node) {
      if (node.nodeType === Node.TEXT_NODE) {
        pieces.push({ node: node, from: text.length });
        text += node.data;
        return;
      }
      var block = node !== root && BLOCK.test(node.nodeName);
      if (block) text += '\n';
      node.childNodes.forEach(walk);
      if (block) text += '\n';
    })(root);
    return { text: text, pieces: pieces };
  }
  function place(pieces, offset, end) {
    for (var i = pieces.length - 1; i >= 0; i -= 1) {
      if (end ? pieces[i].from < offset : pieces[i].from <= offset) {
        return { node: pieces[i].node, offset: Math.min(offset - pieces[i].from, pieces[i].node.length) };
      }
    }
    return null;
  }
  function range(found, from, to) {
    var start = place(found.pieces, from, false), end = place(found.pieces, to, true);
    if (!start || !end) return null;
    var made = document.createRange();
    made.setStart(start.node, start.offset);
    made.setEnd(end.node, end.offset);
    return made;
  }
  function spintax(text) {
    var open = [], found = [];
    for (var i = 0; i < text.length; i += 1) {
      TAG.lastIndex = i;
      var tag = text[i] === '{' && text[i + 1] === '{' && TAG.exec(text);
      if (tag && tag.index === i) { i += tag[0].length - 1; continue; }
      if (text[i] === '\n') open = [];
      else if (text[i] === '{') open.push({ from: i, bars: 0 });
      else if (text[i] === '|' && open.length) open[open.length - 1].bars += 1;
      else if (text[i] === '}' && open.length) {
        var group = open.pop();
        if (group.bars && !open.length) found.push([group.from, i + 1]);
      }
    }
    return found;
  }
  function words(text, wanted) {
    var found = [];
    wanted.filter(Boolean).forEach(function (word) {
      for (var at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) found.push([at, at + word.length]);
    });
    return found;
  }

  window.qdHighlight = function (root, marks) {
    if (!window.CSS || !CSS.highlights || !window.Highlight) return;
    var found = read(root), tags = [], hit;
    TAG.lastIndex = 0;
    while ((hit = TAG.exec(found.text))) tags.push([hit.index, hit.index + hit[0].length]);
    var groups = {
      'qd-spintax': spintax(found.text),
      'qd-variable': tags,
      'qd-warning': words(found.text, marks.warning || []),
      'qd-error': words(found.text, marks.error || [])
    };
    Object.keys(groups).forEach(function (name, priority) {
      var highlight = new Highlight();
      groups[name].forEach(function (span) {
        var made = range(found, span[0], span[1]);
        if (made) highlight.add(made);
      });
      highlight.priority = priority;
      CSS.highlights.set(name, highlight);
    });
  };
})();
