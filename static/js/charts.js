/* Charts with ECharts on a canvas. Data comes from <script type="application/json" id="…">, named by data-source; data-chart names
   the drawing. Tooltips are DOM nodes, because ECharts' own HTML carries style attributes that the policy refuses. Colours are
   CSS variables with light-dark(), resolved to real colours through a probe, and painted again when the theme changes. */
(function () {
  'use strict';
  var reduce = matchMedia('(prefers-reduced-motion: reduce)');
  var locale = document.documentElement.lang || 'en-GB';
  var number = new Intl.NumberFormat(locale);
  var short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });

  function color(name) {
    var probe = document.createElement('span');
    probe.style.color = 'var(' + name + ')';
    document.body.appendChild(probe);
    var resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  }
  function date(iso, options) {
    return new Date(iso + 'T12:00:00Z').toLocaleDateString(locale, Object.assign({ timeZone: 'UTC', day: 'numeric', month: 'short' }, options));
  }
  function axisNumber(value) { return value >= 10000 ? short.format(value) : number.format(value); }

  function tip(title, rows) {
    var box = document.createElement('div');
    box.className = 'qd-tip';
    var head = document.createElement('b');
    head.textContent = title;
    box.append(head);
    rows.forEach(function (row) {
      var line = document.createElement('div'), name = document.createElement('span'), value = document.createElement('span');
      name.textContent = row[0];
      value.textContent = row[1];
      value.className = 'num';
      line.append(name, value);
      box.append(line);
    });
    return box;
  }
  function bars(data, fill, extra) {
    return Object.assign({ type: 'bar', data: data, barMaxWidth: 18, barCategoryGap: '32%', itemStyle: { color: fill, borderRadius: [2, 2, 0, 0] } }, extra);
  }
  function frame(days) {
    var label = color('--qd-ink-3'), line = color('--qd-line-2'), every = Math.max(1, Math.round(days.length / 4.3));
    if (days.length > 10) every = Math.max(7, Math.round(every / 7) * 7);
    return {
      animation: !reduce.matches, animationDuration: 350, textStyle: { fontFamily: 'Geist, system-ui, sans-serif' },
      tooltip: {
        trigger: 'axis', confine: true, transitionDuration: reduce.matches ? 0 : 0.12, padding: [8, 10], borderWidth: 1,
        borderColor: line, backgroundColor: color('--qd-raised'), axisPointer: { type: 'line', lineStyle: { color: line } }
      },
      x: {
        type: 'category', data: days, axisTick: { show: false }, axisLine: { lineStyle: { color: line } },
        axisLabel: { color: label, fontSize: 11, formatter: function (iso) { return date(iso); }, interval: function (i) { return (days.length - 1 - i) % every === 0; }, showMinLabel: false, alignMaxLabel: 'right' }
      },
      y: { type: 'value', axisLabel: { color: label, fontSize: 11, formatter: axisNumber }, splitLine: { lineStyle: { color: color('--qd-grid') } } }
    };
  }

  /* The days before as a short grey line where each bar would have ended. */
  function ticks(data, width, extra) {
    return Object.assign({ type: 'scatter', name: 'Before', data: data, symbol: 'rect', symbolSize: [Math.min(16, Math.max(4, width * 0.68)), 2], itemStyle: { color: color('--qd-ink-3') }, z: 3 }, extra);
  }
  function heading(data, i) {
    var title = date(data.days[i], { weekday: 'short' });
    return data.days[i] === data.unfinished ? title + ', not over yet' : title;
  }
  function percent(value) { return value === null ? '–' : value.toFixed(1) + '%'; }
  function paler(values, data) {
    return values.map(function (value, i) { return data.days[i] === data.unfinished ? { value: value, itemStyle: { opacity: 0.5 } } : value; });
  }

  var draw = {
    /* {days, sent, positive, other, bounced, before, before_days, unfinished}: two measures are two stacked charts, never two scales on one. */
    campaign: function (data, element) {
      var part = frame(data.days), pale = color('--qd-data-fill'), good = color('--qd-data-3'), plain = color('--qd-data-bar');
      return {
        animation: part.animation, animationDuration: part.animationDuration, textStyle: part.textStyle,
        axisPointer: { link: [{ xAxisIndex: 'all' }] },
        grid: [{ left: 38, right: 6, top: 8, height: '54%', outerBoundsMode: 'none' }, { left: 38, right: 6, top: '68%', bottom: 24, outerBoundsMode: 'none' }],
        xAxis: [Object.assign({}, part.x, { gridIndex: 0, axisLabel: { show: false } }), Object.assign({}, part.x, { gridIndex: 1 })],
        yAxis: [Object.assign({}, part.y, { gridIndex: 0, splitNumber: 3, minInterval: 1 }), Object.assign({}, part.y, { gridIndex: 1, splitNumber: 2, minInterval: 1 })],
        tooltip: Object.assign({}, part.tooltip, {
          formatter: function (points) {
            var i = points[0].dataIndex, rows = [['Sent', number.format(data.sent[i])]];
            if (data.before[i] !== null) rows.push(['Sent on ' + date(data.before_days[i]), number.format(data.before[i])]);
            rows.push(['Replies', number.format(data.replied[i])]);
            if (data.positive[i] !== null) rows.push(['Positive', number.format(data.positive[i])]);
            rows.push(['Bounced', number.format(data.bounced[i])]);
            return tip(heading(data, i), rows);
          }
        }),
        series: [
          bars(paler(data.sent, data), pale, { name: 'Sent', xAxisIndex: 0, yAxisIndex: 0 }),
          ticks(data.before, (element.clientWidth - 44) / data.days.length, { xAxisIndex: 0, yAxisIndex: 0 }),
          bars(data.positive, good, { name: 'Positive', xAxisIndex: 1, yAxisIndex: 1, stack: 'replies', itemStyle: { color: good } }),
          bars(data.other, plain, { name: 'Other replies', xAxisIndex: 1, yAxisIndex: 1, stack: 'replies' })
        ]
      };
    },
    /* {days, positive, before, before_days, unfinished} */
    count: function (data, element) {
      var part = frame(data.days);
      return {
        animation: part.animation, animationDuration: part.animationDuration, textStyle: part.textStyle,
        grid: { left: 38, right: 6, top: 8, bottom: 24, outerBoundsMode: 'none' },
        xAxis: part.x, yAxis: Object.assign({}, part.y, { splitNumber: 4, minInterval: 1 }),
        tooltip: Object.assign({}, part.tooltip, {
          formatter: function (points) {
            var i = points[0].dataIndex, rows = [['Positive', data.positive[i] === null ? '–' : number.format(data.positive[i])]];
            if (data.before[i] !== null) rows.push(['On ' + date(data.before_days[i]), number.format(data.before[i])]);
            rows.push(['Replies', number.format(data.replied[i])], ['Sent', number.format(data.sent[i])]);
            return tip(heading(data, i), rows);
          }
        }),
        series: [bars(paler(data.positive, data), color('--qd-data-3'), { name: 'Positive' }), ticks(data.before, (element.clientWidth - 44) / data.days.length)]
      };
    },
    /* {days, rate, before, before_days, per, limit, unfinished}: percent over the days up to each day. */
    rate: function (data) {
      var part = frame(data.days), paint = color(data.limit ? '--qd-data-4' : '--qd-data-1'), grey = color('--qd-ink-3'), bad = color('--qd-bad');
      function line(name, values, style) {
        return { type: 'line', name: name, data: values, showSymbol: data.days.length === 1, symbolSize: 5, connectNulls: false, lineStyle: style, itemStyle: { color: style.color } };
      }
      var now = line('Now', data.rate, { width: 2, color: paint });
      if (data.limit) {
        now.markLine = {
          silent: true, symbol: 'none', animation: false, data: [{ yAxis: data.limit }], lineStyle: { color: bad, type: [3, 3] },
          label: { formatter: 'limit ' + data.limit + '%', position: 'insideEndTop', color: bad, fontSize: 11 }
        };
      }
      return {
        animation: part.animation, animationDuration: part.animationDuration, textStyle: part.textStyle,
        grid: { left: 38, right: 6, top: 12, bottom: 24, outerBoundsMode: 'none' },
        xAxis: part.x,
        yAxis: Object.assign({}, part.y, {
          splitNumber: 4, min: 0, axisLabel: Object.assign({}, part.y.axisLabel, { formatter: function (value) { return number.format(value) + '%'; } }),
          max: data.limit ? function (range) { return Math.ceil(Math.max(range.max || 0, data.limit + 0.5)); } : null
        }),
        tooltip: Object.assign({}, part.tooltip, {
          formatter: function (points) {
            var i = points[0].dataIndex, rows = [['7 days up to here', percent(data.rate[i])]];
            if (data.before[i] !== null) rows.push(['Up to ' + date(data.before_days[i]), percent(data.before[i])]);
            rows.push([data.per === 'bounced' ? 'Bounced that day' : 'Replies that day', number.format(data[data.per][i])], ['Sent that day', number.format(data.sent[i])]);
            return tip(heading(data, i), rows);
          }
        }),
        series: [now, line('Before', data.before, { width: 1.5, type: [3, 4], color: grey })]
      };
    }
  };

  var shown = new Map();
  function paint(element) {
    var source = document.getElementById(element.dataset.source);
    if (!source || !draw[element.dataset.chart]) return;
    var chart = shown.get(element) || window.echarts.init(element, null, { renderer: 'canvas' });
    shown.set(element, chart);
    chart.setOption(draw[element.dataset.chart](JSON.parse(source.textContent), element), true);
  }
  function paintAll() {
    shown.forEach(function (chart, element) {
      if (element.isConnected) return;
      chart.dispose();
      shown.delete(element);
    });
    document.querySelectorAll('[data-chart]').forEach(paint);
  }
  var waiting = 0;
  addEventListener('resize', function () {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(function () { shown.forEach(function (chart, element) { chart.resize(); paint(element); }); });
  });
  document.addEventListener('qd:theme', paintAll);
  document.addEventListener('htmx:afterSettle', function (event) {
    if (event.detail.elt && event.detail.elt.querySelector && (event.detail.elt.matches('[data-chart]') || event.detail.elt.querySelector('[data-chart]'))) paintAll();
  });
  /* Deferred scripts run when the page is parsed. The canvas measures text once, so the face has to be there first. */
  document.fonts.load('11px Geist').then(paintAll, paintAll);
})();
