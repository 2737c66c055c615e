// The charts of a meter: its history, drawn by dygraphs. Numbers come from the bridge's API, and become text or a place on a canvas.
"use strict";
(() => {
  const { root, words, now: bridgeNow } = window.obisPage;
  const DAY = 86400000;
  // Dates in the language of the page, with a clock of 24 hours.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const tabs = {
    hour: { span: "hour", kind: "live" },
    day: { span: "day", step: "15m", kind: "power" },
    "energy-day": { span: "day", step: "1h", kind: "energy" },
    week: { span: "week", step: "1d", kind: "energy" },
    month: { span: "month", step: "1d", kind: "energy" },
    year: { span: "year", step: "1mo", kind: "energy" },
    peaks: { span: "year", step: "1mo", kind: "peaks" },
  };

  const start = (panel) => {
    const settings = JSON.parse(panel.dataset.chart);
    const part = (name) => panel.querySelector(name);
    const plot = part(".plot");
    let tab = "hour";
    let back = 0;
    let chart = null;
    let turn = 0;

    const note = (text) => { part(".note").textContent = text; };

    // From and to of what is shown, by the calendar of who looks.
    const range = () => {
      const now = bridgeNow();
      const { span } = tabs[tab];
      if (span === "hour") return [new Date(now - 3600000), now];
      const from = new Date(now.getFullYear(), now.getMonth(), now.getDate());
      let to;
      if (span === "day") { from.setDate(from.getDate() + back); to = new Date(from); to.setDate(to.getDate() + 1); }
      if (span === "week") {
        from.setDate(from.getDate() - (from.getDay() + 6) % 7 + 7 * back);
        to = new Date(from); to.setDate(to.getDate() + 7);
      }
      if (span === "month") { from.setDate(1); from.setMonth(from.getMonth() + back); to = new Date(from); to.setMonth(to.getMonth() + 1); }
      if (span === "year") { from.setMonth(0, 1); from.setFullYear(from.getFullYear() + back); to = new Date(from); to.setFullYear(to.getFullYear() + 1); }
      return [from, to];
    };
    const rangeText = ([from, to]) => {
      const last = new Date(to - 1);
      const show = (date, options) => date.toLocaleDateString(language, options);
      const { span } = tabs[tab];
      if (span === "hour") return "";
      if (span === "day") return show(from, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
      if (span === "week") return `${show(from, { day: "numeric", month: "short" })} – ${show(last, { day: "numeric", month: "short" })}`;
      if (span === "month") return show(from, { month: "long", year: "numeric" });
      return show(from, { year: "numeric" });
    };

    class Absent extends Error {}
    const address = (register, [from, to], step, more = "") =>
      `${root}v1/meters/${settings.meter}/history?` +
      `${new URLSearchParams({ register, from: from.toISOString(), to: to.toISOString(), step })}${more}`;
    const history = async (register, when, step) => {
      const answer = await fetch(address(register, when, step), { headers: { Accept: "application/json" } });
      if (answer.status === 404) {
        // No history at all, or none of this register.
        const { detail } = await answer.json();
        if (/^(no history is kept|there is the page)/.test(detail)) throw new Absent();
        return { rows: [], unit: "" };
      }
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    };

    // Columns for the chart.
    const live = async () => {
      const answer = await fetch(`${root}page/meters/${settings.meter}/power`, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const { rows } = await answer.json();
      return { labels: ["time", "W"], rows: rows.map(([seconds, watts]) => [new Date(seconds * 1000), watts]), unit: "W" };
    };
    const power = async (when, step) => {
      const { rows, unit } = await history(settings.power, when, step);
      return {
        labels: ["time", unit], unit, isBand: true,
        rows: rows.map(({ start: time, min, mean, max }) => [new Date(time), [min, mean, max]]),
      };
    };
    const energy = async (when, step) => {
      const counters = settings.counters.filter(({ unit }) => unit === settings.counters[0].unit);
      const columns = await Promise.all(counters.map(async ({ registers }) =>
        Promise.all(registers.map((register) => history(register, when, step)))));
      const times = new Map();
      columns.forEach((tables, column) => {
        for (const { rows } of tables) {
          for (const { start: time, energy: amount } of rows) {
            if (amount === undefined || amount === null) continue;
            const row = times.get(time) || counters.map(() => null);
            row[column] = (row[column] || 0) + amount;
            times.set(time, row);
          }
        }
      });
      const rows = [...times].sort(([a], [b]) => Date.parse(a) - Date.parse(b))
        .map(([time, row]) => [new Date(time), ...row.map((amount, column) =>
          amount !== null && counters[column].kind === "export" ? -amount : amount)]);
      return { labels: ["time", ...counters.map(({ name }) => name)], rows, unit: counters[0].unit, isBars: true,
        kinds: counters.map(({ kind }) => kind) };
    };
    const peaks = async (when, step) => {
      const { rows, unit } = await history(settings.peaks, when, step);
      return { labels: ["time", words["chart.peak"]], unit, isBars: true, kinds: ["import"],
        rows: rows.map(({ start: time, max }) => [new Date(time), max]) };
    };

    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const number = (value, digits) => value.toLocaleString("en", { maximumFractionDigits: digits })
      .replaceAll(/^(-?\d),(\d{3})(?=\D|$)/g, "$1$2").replaceAll(",", "\u202f").replace("-", "\u2212");

    // Bars from zero, those below it of what flows out.
    const bars = (kinds, width) => (event) => {
      if (event.seriesIndex !== 0) return;
      const { drawingContext: context, dygraph, allSeriesPoints: series } = event;
      const zero = dygraph.toDomYCoord(0);
      const paired = series.filter((_, index) => kinds[index] !== "export").length || 1;
      series.forEach((points, index) => {
        const isOut = kinds[index] === "export";
        const place = isOut ? 0 : kinds.slice(0, index).filter((kind) => kind !== "export").length;
        context.fillStyle = colour(kinds[index]) || colour("import");
        for (const point of points) {
          if (point.yval === null || Number.isNaN(point.canvasy)) continue;
          const left = dygraph.toDomXCoord(point.xval);
          const full = dygraph.toDomXCoord(point.xval + width) - left;
          const wide = Math.max(1, full * 0.78 / (isOut ? 1 : paired));
          const x = left + full * 0.11 + (isOut ? 0 : place * wide);
          const [top, height] = [Math.min(zero, point.canvasy), Math.abs(zero - point.canvasy)];
          context.beginPath();
          if (context.roundRect) context.roundRect(x, top, wide, height, Math.min(3, wide / 3)); else context.rect(x, top, wide, height);
          context.fill();
        }
      });
    };

    const draw = (table, when) => {
      if (chart) chart.destroy();
      chart = null;
      part(".readout").textContent = "";
      const { span } = tabs[tab];
      const width = { day: 3600000, week: DAY, month: DAY, year: 30.4 * DAY }[span] || 0;
      const total = table.isBars && tab !== "peaks"
        ? table.labels.slice(1).map((name, index) =>
          `${name} ${number(Math.abs(table.rows.reduce((sum, row) => sum + (row[index + 1] || 0), 0)), 2)} ${table.unit}`).join(" · ")
        : "";
      note(table.rows.length ? total : words["chart.none"]);
      plot.classList.toggle("empty-plot", !table.rows.length);
      if (!table.rows.length) return;
      const clock = { hour: "2-digit", minute: "2-digit" };
      const day = { weekday: "short", day: "numeric", month: "short" };
      const moment = (time) => {
        const date = new Date(time);
        if (span === "hour" || tab === "day") return date.toLocaleTimeString(language, clock);
        if (tab === "energy-day") return `${date.toLocaleTimeString(language, clock)} – ${new Date(time + width).toLocaleTimeString(language, clock)}`;
        return date.toLocaleDateString(language, span === "year" ? { month: "long" } : day);
      };
      const tick = (date) => {
        if (span === "hour" || span === "day") return date.toLocaleTimeString(language, clock);
        if (span === "week") return date.toLocaleDateString(language, { weekday: "short" });
        return date.toLocaleDateString(language, span === "year" ? { month: "short" } : { day: "numeric" });
      };
      const ticks = () => {
        const list = [];
        const date = new Date(when[0]);
        const narrow = plot.clientWidth < 520;
        if (span === "hour") date.setMinutes(Math.ceil(date.getMinutes() / 10) * 10, 0, 0);
        while (date <= when[1]) {
          const isBar = span !== "hour" && span !== "day";
          list.push({ v: date.getTime() + (isBar ? width / 2 : 0), label: date < when[1] || !isBar ? tick(date) : "" });
          if (span === "hour") date.setMinutes(date.getMinutes() + (narrow ? 20 : 10));
          else if (span === "day") date.setHours(date.getHours() + (narrow ? 6 : 3));
          else if (span === "week") date.setDate(date.getDate() + 1);
          else if (span === "month") date.setDate(date.getDate() + (narrow ? 5 : 2));
          else date.setMonth(date.getMonth() + (narrow ? 2 : 1));
        }
        return list;
      };
      const options = {
        labels: table.labels, customBars: Boolean(table.isBand), legend: "never", connectSeparatedPoints: false,
        dateWindow: [when[0].getTime(), when[1].getTime()], colors: [colour("import")], strokeWidth: 1.8, fillAlpha: 0.18,
        fillGraph: span === "hour", includeZero: true, xRangePad: 0, axisLineColor: colour("line"), gridLineColor: colour("line"),
        gridLineWidth: 1, highlightCircleSize: table.isBars ? 0 : 4, axisLabelFontSize: 12, rightGap: 8,
        interactionModel: { mousemove: (event, graph) => graph.mouseMove_(event), mouseout: (event, graph) => graph.mouseOut_(event),
          touchstart: (event, graph) => graph.mouseMove_(event.touches[0]), touchmove: (event, graph) => graph.mouseMove_(event.touches[0]) },
        axes: {
          x: { ticker: ticks, drawGrid: false, axisLabelWidth: 56 },
          y: { axisLabelFormatter: (value) => number(value, 2), axisLabelWidth: 58 },
        },
        highlightCallback: (_, x, points) => {
          const values = points.filter((point) => point.yval !== null && !Number.isNaN(point.yval))
            .map((point) => `${table.isBars ? `${point.name} ` : ""}${number(Math.abs(point.yval) === point.yval || !table.isBars ? point.yval : -point.yval, 2)} ${table.unit}`);
          part(".readout").textContent = [moment(x), ...values].join("  ");
        },
        unhighlightCallback: () => { part(".readout").textContent = ""; },
      };
      if (table.isBars) options.plotter = bars(table.kinds, width);
      chart = new window.Dygraph(plot, table.rows, options);
    };

    let loading = null;
    const library = () => {
      loading = loading || new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${root}page/dygraph.js`;
        script.onload = () => {
          // Its legend is of no use here, and writes styles in a way that the page's policy forbids.
          const { Dygraph } = window;
          Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
          resolve();
        };
        script.onerror = () => { loading = null; reject(new Absent("library")); };
        document.head.append(script);
      });
      return loading;
    };

    const show = async () => {
      const mine = ++turn;
      const when = range();
      const { step, kind } = tabs[tab];
      for (const button of panel.querySelectorAll("[data-tab]")) button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
      for (const button of panel.querySelectorAll("[data-step]")) button.hidden = kind === "live";
      part("[data-step='1']").disabled = back >= 0;
      part(".range").textContent = rangeText(when);
      const csv = part(".csv");
      const first = kind === "energy" ? settings.counters[0].registers[0] : kind === "peaks" ? settings.peaks : settings.power;
      try {
        await library();
        const table = await { live, power, energy, peaks }[kind](when, step);
        if (mine !== turn) return;
        csv.hidden = kind === "live";
        if (kind !== "live") csv.href = address(first, when, step, "&format=csv");
        draw(table, when);
      } catch (error) {
        if (mine !== turn) return;
        if (chart) chart.destroy();
        chart = null;
        csv.hidden = true;
        plot.classList.add("empty-plot");
        note(error instanceof Absent ? words[error.message === "library" ? "chart.library" : "chart.off"] : words["chart.failed"]);
      }
    };

    panel.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.tab) { tab = button.dataset.tab; back = 0; }
      if (button.dataset.step) back += Number(button.dataset.step);
      show();
    });
    if (!panel.querySelector("[data-tab='hour']")) tab = panel.querySelector("[data-tab]").dataset.tab;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    document.addEventListener("page-clock", show);
    setInterval(() => { if (!document.hidden && tabs[tab].kind === "live") show(); }, 20000);
    show();
  };

  for (const panel of document.querySelectorAll("[data-chart]")) start(panel);
})();
