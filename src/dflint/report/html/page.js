"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const root = document.documentElement;

  // --- light and dark ---

  const theme = one("[data-theme-button]");
  const store = {
    get() {
      try { return localStorage.getItem("dflint-theme"); } catch { return null; }
    },
    set(value) {
      try { localStorage.setItem("dflint-theme", value); } catch { /* the choice lasts for this page */ }
    },
  };
  const saved = store.get();
  if (saved === "light" || saved === "dark") root.dataset.theme = saved;
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    store.set(root.dataset.theme);
  });

  // --- opening what is closed ---

  const reveal = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
  };
  const toTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    reveal(target);
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", toTarget);
  toTarget();

  // The reason of a rule stands once on the page and comes to a finding that is opened.
  document.addEventListener("toggle", (event) => {
    const details = event.target;
    const finding = details.open && details.closest(".finding");
    const place = finding && details.querySelector(".why");
    const about = finding && document.getElementById(`rule-${finding.dataset.rule}`);
    if (!place || !about || place.dataset.filled) return;
    place.dataset.filled = "yes";
    const reason = about.querySelector(".reason").cloneNode(true);
    place.replaceWith(reason);
  }, true);

  const opened = [];
  addEventListener("beforeprint", () => {
    for (const each of all("details:not([open])")) {
      each.open = true;
      opened.push(each);
    }
  });
  addEventListener("afterprint", () => {
    while (opened.length) opened.pop().open = false;
  });

  // --- filters ---

  const bar = one(".filters");
  if (!bar) return;
  bar.hidden = false;
  const findings = all(".finding");
  const files = all(".file");
  const place = one("[data-place]");
  const none = one(".none");
  const search = one("[data-search]");
  const category = one("[data-category]:is(select)");
  const file = one("[data-file]");
  const severities = all("[data-severity]");
  const texts = new Map();
  const marks = new Map();
  for (const mark of all("mark")) {
    const key = mark.closest(".file").id;
    for (const number of `${mark.dataset.f || ""} ${mark.dataset.related || ""}`.trim().split(/ +/)) {
      const id = `${key}-${number}`;
      if (!marks.has(id)) marks.set(id, []);
      marks.get(id).push(mark);
    }
  }
  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const path = finding.closest(".file").querySelector("h2").textContent;
      texts.set(finding, `${path} ${finding.textContent}`.toLowerCase());
    }
    return texts.get(finding);
  };
  let shown = findings;
  let current = null;

  const tell = () => {
    const at = current ? shown.indexOf(current) + 1 : 0;
    const whole = shown.length.toLocaleString("en");
    place.textContent = at ? `${at.toLocaleString("en")} of ${whole}` : `${whole} shown`;
  };
  const select = (finding) => {
    if (current) {
      current.classList.remove("current");
      for (const mark of marks.get(current.id) || []) mark.classList.remove("on");
    }
    current = finding;
    if (current) {
      current.classList.add("current");
      for (const mark of marks.get(current.id) || []) mark.classList.add("on");
    }
    tell();
  };
  // Words of several findings are underlined for the worst of those that are shown.
  const order = ["error", "warning", "info", "style", "related"];
  const colour = (mark) => {
    if (!(mark.dataset.f || "").includes(" ") && !(mark.dataset.f && mark.dataset.related)) return;
    const key = mark.closest(".file").id;
    const kinds = (mark.dataset.f || "").split(" ")
      .map((number) => document.getElementById(`${key}-${number}`))
      .filter((finding) => finding && !finding.hidden)
      .map((finding) => order.indexOf(finding.classList[1]));
    mark.classList.remove(...order);
    mark.classList.add(order[Math.min(...kinds, order.length - 1)]);
  };
  const filter = () => {
    const wanted = new Set(severities
      .filter((button) => button.getAttribute("aria-pressed") === "true")
      .map((button) => button.dataset.severity));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (finding) => wanted.has(finding.classList[1])
      && (!category.value || finding.dataset.category === category.value)
      && (!file || !file.value || finding.closest(".file").id === file.value)
      && words.every((word) => textOf(finding).includes(word));
    shown = [];
    const used = new Set();
    const kept = new Set();
    for (const finding of findings) {
      finding.hidden = !fits(finding);
      if (finding.hidden) continue;
      shown.push(finding);
      kept.add(finding.closest(".file"));
      for (const mark of marks.get(finding.id) || []) used.add(mark);
    }
    for (const each of marks.values()) {
      for (const mark of each) {
        mark.classList.toggle("off", !used.has(mark));
        if (used.has(mark)) colour(mark);
      }
    }
    for (const each of files) each.hidden = !kept.has(each);
    // A choice that leaves few files is a wish to see them.
    if (kept.size <= 4) for (const each of kept) each.open = true;
    none.hidden = shown.length > 0;
    if (current && current.hidden) select(null);
    tell();
  };
  for (const button of severities) {
    button.addEventListener("click", () => {
      const pressed = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!pressed));
      filter();
    });
  }
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, findings.length > 500 ? 150 : 0);
  });
  category.addEventListener("change", filter);
  if (file) file.addEventListener("change", filter);
  one("[data-reset]").addEventListener("click", () => {
    search.value = category.value = "";
    if (file) file.value = "";
    for (const button of severities) button.setAttribute("aria-pressed", "true");
    filter();
    search.focus();
  });

  // --- from finding to finding ---

  const go = (step) => {
    if (!shown.length) return;
    const at = current ? shown.indexOf(current) : step > 0 ? -1 : shown.length;
    const finding = shown[Math.max(0, Math.min(shown.length - 1, at + step))];
    reveal(finding);
    select(finding);
    finding.focus({ preventScroll: true });
    finding.scrollIntoView({ block: "center" });
  };
  one("[data-next]").addEventListener("click", () => go(1));
  one("[data-previous]").addEventListener("click", () => go(-1));
  document.addEventListener("focusin", (event) => {
    const finding = event.target.closest(".finding");
    if (finding && finding !== current) select(finding);
  });
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("mark");
    if (!mark) return;
    const key = mark.closest(".file").id;
    const finding = (mark.dataset.f || mark.dataset.related).split(" ")
      .map((number) => document.getElementById(`${key}-${number}`))
      .find((each) => each && !each.hidden);
    if (finding) finding.focus();
  });
  const keys = { j: () => go(1), n: () => go(1), k: () => go(-1), p: () => go(-1) };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input, select, textarea");
    if (typing) {
      if (event.key === "Escape" && typing === search) {
        search.value = "";
        filter();
        search.blur();
      }
      return;
    }
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "o" && current) {
      const details = current.querySelector("details");
      if (details) details.open = !details.open;
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  tell();
})();
