// The page is complete without this script; it keeps the values fresh. Whatever comes from the bridge becomes text, never markup.
"use strict";
(() => {
  const body = document.body;
  const root = body.dataset.root;
  const words = JSON.parse(body.dataset.words);
  const liveAttributes = new Set(["d", "data-state", "datetime", "offset", "title", "value", "y"]);
  let slots = new Map();

  const index = () => {
    slots = new Map();
    for (const element of document.querySelectorAll("[data-slot]")) slots.set(element.dataset.slot, element);
  };

  // The bridge's clock, as far as its events tell it: ages must not depend on the clock of the phone.
  let skew = 0;
  const age = (time) => {
    const seconds = Math.max(0, Math.floor((Date.now() + skew - Date.parse(time)) / 1000));
    if (seconds < 3) return words["age.now"];
    if (seconds < 120) return words["age.seconds"].replace("{}", seconds);
    if (seconds < 7200) return words["age.minutes"].replace("{}", Math.floor(seconds / 60));
    if (seconds < 172800) return words["age.hours"].replace("{}", Math.floor(seconds / 3600));
    return words["age.days"].replace("{}", Math.floor(seconds / 86400));
  };
  const tick = () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time[data-age]")) {
      const text = age(element.getAttribute("datetime"));
      if (element.textContent !== text) element.textContent = text;
    }
  };

  const apply = (changes) => {
    for (const [key, [text, attributes]] of Object.entries(changes || {})) {
      const element = slots.get(key);
      if (!element) continue;
      for (const [name, value] of Object.entries(attributes || {})) {
        if (!liveAttributes.has(name)) continue;
        if (element.getAttribute(name) !== value) element.setAttribute(name, value);
      }
      if (element.hasAttribute("data-age")) element.textContent = age(element.getAttribute("datetime"));
      else if (element.textContent !== text) element.textContent = text;
    }
  };

  // The same page again, when more changed than values. What a person works with stays: it stands in [data-keep].
  let pending = null;
  const refresh = async () => {
    pending = [];
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (!answer.ok && answer.status !== 404) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.body.dataset.version !== body.dataset.version) return location.reload();
      body.dataset.token = page.body.dataset.token;
      const [fresh, old] = [page.querySelector("main"), document.querySelector("main")];
      const open = new Set([...old.querySelectorAll("details[open] > summary")].map((summary) => summary.innerText));
      const scrolls = [...old.querySelectorAll("pre")].map((element) => element.scrollTop);
      const focus = document.activeElement;
      for (const kept of old.querySelectorAll("[data-keep], [data-filter]")) {
        const key = kept.dataset.keep ? `[data-keep="${kept.dataset.keep}"]` : "[data-filter]";
        const place = fresh.querySelector(key);
        if (place) place.replaceWith(kept);
      }
      old.replaceChildren(...fresh.childNodes);
      body.dataset.shape = page.body.dataset.shape;
      if (focus && focus !== document.activeElement && old.contains(focus)) focus.focus();
      for (const summary of old.querySelectorAll("summary")) {
        if (open.has(summary.innerText)) summary.parentElement.open = true;
      }
      [...old.querySelectorAll("pre")].forEach((element, n) => { element.scrollTop = scrolls[n] || 0; });
      index();
      filter();
      tick();
    } finally {
      const later = pending || [];
      pending = null;
      for (const changes of later) apply(changes);
    }
  };

  // One stream of events a page; in the background it is closed, and costs the bridge nothing.
  const pulse = document.querySelector(".pulse");
  const state = (word) => {
    pulse.dataset.state = word;
    if (pulse.textContent !== words[word]) pulse.textContent = words[word];
  };
  let stream = null;
  let heard = Date.now();
  const note = (event) => {
    heard = Date.now();
    const data = JSON.parse(event.data);
    const before = skew;
    skew = Date.parse(data.now) - heard;
    if (Math.abs(skew - before) > 60000) document.dispatchEvent(new Event("page-clock"));
    state("live");
    return data;
  };
  const connect = () => {
    if (stream) stream.close();
    heard = Date.now();
    const query = new URLSearchParams({ view: body.dataset.view, shape: body.dataset.shape });
    stream = new EventSource(`${root}page/events?${query}`);
    stream.addEventListener("values", (event) => {
      const { slots: changes } = note(event);
      if (pending) pending.push(changes); else apply(changes);
    });
    stream.addEventListener("shape", (event) => { note(event); refresh().catch(() => state("lost")); });
    stream.addEventListener("pulse", note);
    stream.onerror = () => {
      state("lost");
      // A browser gives up where the answer was no stream: the bridge may be starting.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden) connect(); }, 3000);
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { tick(); connect(); return; }
    if (stream) stream.close();
    stream = null;
  });
  window.addEventListener("pagehide", () => { if (stream) stream.close(); });
  setInterval(() => {
    tick();
    // A phone that changed its network is not told that its connection is gone.
    if (!document.hidden && Date.now() - heard > 25000) { state("lost"); connect(); }
  }, 1000);

  // Orders: what changes something is asked first, and carries the word that only who reads this page knows.
  const order = async (path, init = {}) => {
    const headers = { "X-Obis-Bridge-Token": body.dataset.token, ...(init.headers || {}) };
    return fetch(`${root}page/${path}`, { method: "POST", cache: "no-store", ...init, headers });
  };
  const say = (text, isBad) => {
    const note = document.createElement("p");
    note.className = isBad ? "toast bad" : "toast";
    note.setAttribute("role", "status");
    note.textContent = text;
    document.body.append(note);
    setTimeout(() => note.remove(), 8000);
  };
  const confirmed = (question) => new Promise((resolve) => {
    const dialog = document.querySelector("dialog.confirm");
    dialog.querySelector("p").textContent = question;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-order]");
    if (!button || !(await confirmed(button.dataset.question))) return;
    button.disabled = true;
    try {
      const answer = await order(`meters/${button.dataset.meter}/${button.dataset.order}`);
      const said = await answer.json();
      say((said.lines || [said.detail]).join(" "), !answer.ok);
      if (answer.ok) await refresh();
    } catch {
      say(words["order.failed"], true);
    }
    button.disabled = false;
  });
  // Buttons that begin or end something.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-post]");
    if (!button) return;
    button.disabled = true;
    try {
      const answer = await order(button.dataset.post);
      if (!answer.ok) say((await answer.json()).detail, true);
      else await refresh();
    } catch {
      say(words["order.failed"], true);
    }
    button.disabled = false;
  });
  const textOf = (place) => { const element = document.querySelector(place); return element.value ?? [...element.children].map((line) => line.textContent).join("\n") + "\n"; };
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    const download = event.target.closest("[data-download]");
    if (copy) {
      const text = textOf(copy.dataset.copy);
      // Browsers give the clipboard to pages of TLS and of the loopback alone.
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else {
        const field = document.createElement("textarea");
        field.value = text;
        document.body.append(field);
        field.select();
        document.execCommand("copy");
        field.remove();
      }
      say(words.copied);
    }
    if (download) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([textOf("#editor")], { type: "application/yaml" }));
      link.download = download.dataset.download;
      link.click();
      URL.revokeObjectURL(link.href);
    }
  });
  window.obisPage = { root, words, order, say, now: () => new Date(Date.now() + skew) };

  // Searching.
  const filter = () => {
    const field = document.querySelector("[data-filter]");
    if (!field) return;
    const words = field.value.trim().toLowerCase();
    let shown = 0;
    for (const element of document.querySelectorAll(field.dataset.filter)) {
      element.hidden = !element.dataset.name.includes(words);
      if (!element.hidden) shown += 1;
    }
    const nothing = document.querySelector(".nothing-found");
    if (nothing) nothing.hidden = shown > 0;
  };
  document.addEventListener("input", (event) => { if (event.target.matches("[data-filter]")) filter(); });

  index();
  tick();
  if (!document.hidden) connect();
})();
