// The configuration's box: the bridge checks the text, and says how the last messages would be published with it. Everything that it
// answers becomes text.
"use strict";
(() => {
  const { words, order, say } = window.obisPage;
  const editor = document.querySelector("#editor");
  if (!editor) return;
  const lines = document.querySelector(".editor .lines");
  const findings = document.querySelector(".findings");
  let marks = new Map();

  const make = (tag, style, text) => {
    const element = document.createElement(tag);
    if (style) element.className = style;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const fill = (text, ...values) => values.reduce((all, value) => all.replace("{}", value), text);

  const number = () => {
    const count = editor.value.split("\n").length;
    lines.replaceChildren(...Array.from({ length: count }, (_, index) => {
      const mark = marks.get(index + 1);
      const line = make("span", mark ? mark.style : "", String(index + 1));
      if (mark) line.title = mark.text;
      return line;
    }));
    lines.scrollTop = editor.scrollTop;
  };
  const go = (line, column) => {
    const before = editor.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    editor.focus();
    editor.setSelectionRange(before + Math.max(0, column - 1), before + (editor.value.split("\n")[line - 1] || "").length);
    editor.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(editor).lineHeight));
  };

  const problems = (list) => {
    const all = make("ul");
    for (const { file, line, column, message, warning } of list) {
      const item = make("li");
      const isHere = !file && line > 0;
      const row = make(isHere ? "button" : "p", warning ? "warning" : "error");
      row.append(make("span", "place", file ? `${file}:${line}` : line ? `${line}:${column}` : ""), message);
      if (isHere) { row.type = "button"; row.addEventListener("click", () => go(line, column)); }
      item.append(row);
      all.append(item);
    }
    return all;
  };
  // What two texts have in common at their ends.
  const common = (one, other) => {
    const most = Math.min(one.length, other.length);
    let [start, end] = [0, 0];
    while (start < most && one[start] === other[start]) start += 1;
    while (end < most - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
    return [start, end];
  };
  const side = (title, list, others, style) => {
    const part = make("div");
    part.append(make("h3", "", title));
    const text = make("pre");
    text.tabIndex = 0;
    for (const { topic, payload } of list) {
      const line = make("span");
      const other = others.find((candidate) => candidate.topic === topic);
      const [start, end] = other ? common(payload, other.payload) : [0, 0];
      const head = start > 60 ? `… ${payload.slice(start - 50, start)}` : payload.slice(0, start);
      const rest = payload.slice(payload.length - end);
      line.append(head, make("mark", style, payload.slice(start, payload.length - end)), rest.length > 60 ? `${rest.slice(0, 50)} …` : rest);
      text.append(make("span", "topic", topic), line);
    }
    if (!list.length) text.append(make("span", "dim", words["check.nothing"]));
    part.append(text);
    return part;
  };
  const preview = ({ count, changes, more }) => {
    const part = make("div");
    if (!count) { part.append(make("p", "dim", words["check.none"])); return part; }
    const total = changes.length + (more || 0);
    part.append(make("p", total ? "" : "good", total ? fill(words["check.differ"], total, count) : fill(words["check.same"], count)));
    for (const { topic, before, after } of changes) {
      const details = make("details");
      details.append(make("summary", "", topic));
      const sides = make("div", "sides");
      sides.append(side(words["check.now"], before, after, "gone"), side(words["check.then"], after, before, "come"));
      details.append(sides);
      part.append(details);
    }
    if (more) part.append(make("p", "dim", fill(words["check.more"], more)));
    return part;
  };

  const check = async () => {
    const button = document.querySelector("[data-check]");
    button.disabled = true;
    try {
      const answer = await order("configuration/check", { body: editor.value, headers: { "Content-Type": "application/yaml" } });
      const said = await answer.json();
      if (!answer.ok) { say(said.detail, true); return; }
      marks = new Map();
      for (const { file, line, message, warning } of said.problems) {
        if (!file && line > 0 && !(marks.get(line)?.style === "error")) marks.set(line, { style: warning ? "warning" : "error", text: message });
      }
      number();
      const parts = [];
      if (said.problems.length) parts.push(problems(said.problems));
      else parts.push(make("p", "good", words["check.fine"]));
      if (said.preview) parts.push(preview(said.preview));
      findings.replaceChildren(...parts);
    } catch {
      say(words["check.failed"], true);
    } finally {
      button.disabled = false;
    }
  };

  document.addEventListener("click", (event) => { if (event.target.closest("[data-check]")) check(); });
  editor.addEventListener("input", () => { marks = new Map(); number(); });
  editor.addEventListener("scroll", () => { lines.scrollTop = editor.scrollTop; });
  number();
})();
