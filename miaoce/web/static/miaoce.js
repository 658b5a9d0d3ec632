/* Every page works without this. Data- attributes: docs/interface.md. Floor: Chromium 86. */
(function () {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const on = (event, act) => document.addEventListener(event, act);
  const store = {
    get: (name) => { try { return localStorage.getItem(name); } catch (blocked) { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch (blocked) { } },
  };
  const say = (words, tone) => {
    const live = document.getElementById("live");
    if (!live) return;
    const note = document.createElement("div");
    note.className = "note " + (tone || "info");
    note.textContent = words;
    live.replaceChildren(note);
    live.scrollIntoView({ block: "nearest" });
  };

  /* keyboard: data-key; data-rows that j k x Enter walk */
  const typing = (at) => at.isContentEditable || /^(SELECT|TEXTAREA)$/.test(at.tagName) || (at.tagName === "INPUT" && !/^(checkbox|radio|button|submit|range)$/.test(at.type));
  const named = (e) => (e.ctrlKey || e.metaKey ? "Ctrl+" : "") + (e.altKey ? "Alt+" : "") + (e.key.length === 1 ? e.key.toLowerCase() : e.key);
  const shown = (node) => node.getClientRects().length > 0;
  const rows = () => all("[data-rows] [data-row]").filter(shown);
  const walk = (step) => {
    const list = rows();
    const now = list.findIndex((row) => row.classList.contains("cur"));
    const next = list[Math.max(0, Math.min(list.length - 1, now < 0 ? 0 : now + step))];
    if (!next) return;
    list.forEach((row) => { row.classList.toggle("cur", row === next); row.removeAttribute("aria-current"); });
    next.setAttribute("aria-current", "true");
    const goal = next.querySelector("[data-open], a, input, button");
    if (goal) goal.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    const open = next.querySelector("[data-preview]");
    if (open) open.click();
  };
  const current = () => document.querySelector("[data-rows] [data-row].cur");
  const problem = (e) => {
    const list = all("[aria-invalid=true], [data-problem]").filter(shown);
    const from = (e && document.getElementById(e.detail.row)) || document.activeElement;
    if (e && document.activeElement !== document.body) return;
    const next = list.find((node) => from.compareDocumentPosition(node) & 4) || list[0]; /* 4: below */
    if (next) { next.focus(); next.scrollIntoView({ block: "center" }); if (next.select) next.select(); }
  };
  const press = (key, near) => {
    const scope = near && near.closest("[data-scope], tbody");
    const found = all("[data-key]", scope || document).concat(all("[data-key]")).find((node) => node.dataset.key === key && shown(node) && !node.disabled);
    if (found) typing(found) ? (found.focus(), found.select && found.select()) : found.click();
    return Boolean(found);
  };
  const plain = {
    j: () => walk(1), k: () => walk(-1), n: problem,
    x: () => { const box = current() && current().querySelector("input[type=checkbox]"); if (box) box.click(); },
    "?": () => { const keys = document.getElementById("keys"); if (keys) keys.showModal ? keys.open || keys.showModal() : keys.setAttribute("open", ""); },
    Enter: () => { const open = current() && current().querySelector("[data-open], a"); if (open) open.click(); },
  };
  on("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || e.defaultPrevented) return;
    const key = named(e);
    if (key === "Escape") all("details.menu[open], .tabbar details[open]").forEach((menu) => { menu.open = false; });
    const mend = e.target.tagName === "INPUT" && e.target.closest(".mend"); /* Enter mends here, Alt+Enter takes what is offered */
    const mender = mend && (key === "Enter" ? mend.querySelector("button") : key === "Alt+Enter" ? mend.querySelector("[name=take]") : null);
    if (mender) { e.preventDefault(); mender.click(); return; }
    const chord = /^(Ctrl|Alt)\+/.test(key);
    if (!chord && (typing(e.target) || store.get("keys-off") || document.querySelector("dialog[open]"))) return;
    if (key === "Enter" && /^(A|BUTTON|SUMMARY)$/.test(e.target.tagName)) return;
    if (press(key, e.target)) e.preventDefault();
    else if (plain[key] && (!/^[jkxn]$|^Enter$/.test(key) || rows().length || key === "n")) { if (key !== "Enter" || current()) { e.preventDefault(); plain[key](); } }
  });
  on("next-problem", problem);

  /* picking: data-select-all, data-pick, data-picked */
  const count = () => {
    const boxes = all("input[data-pick]");
    const n = boxes.filter((box) => box.checked).length;
    all("[data-picked]").forEach((node) => {
      node.textContent = node.dataset.picked.replace("{n}", n.toLocaleString("en"));
      if (node.tagName === "BUTTON") node.disabled = n === 0;
    });
    all("input[data-select-all]").forEach((box) => { box.checked = n > 0 && n === boxes.length; box.indeterminate = n > 0 && n < boxes.length; });
  };

  /* pasting: what a data-paste text holds */
  const measure = (area) => {
    const goal = document.getElementById(area.dataset.paste);
    const lines = area.value.split(/\r?\n/).filter((line) => line.trim());
    const width = Math.max(0, ...lines.map((line) => line.split("\t").length));
    if (goal) goal.textContent = lines.length ? "识别到 " + width + " 列，" + lines.length + " 行" : "";
  };

  /* forms: unsaved work, one press only */
  const dirty = new Set();
  on("input", (e) => {
    const form = e.target.closest("form[data-guard]");
    if (form) dirty.add(form);
    if (e.target.matches("[data-paste]")) measure(e.target);
    if (e.target.matches("[data-day-of]")) {
      const day = new Date(e.target.dataset.firstDay + "T00:00:00Z");
      day.setUTCDate(day.getUTCDate() + Number(e.target.value));
      document.getElementById(e.target.dataset.dayOf).value = e.target.value === "" ? "" : day.toISOString().slice(0, 10);
    }
  });
  window.addEventListener("beforeunload", (e) => { if (dirty.size) { e.preventDefault(); e.returnValue = ""; } });
  let pressed = null;
  const free = (button) => {
    if (!button || !button.dataset.was) return;
    button.innerHTML = button.dataset.was;
    delete button.dataset.was;
    button.removeAttribute("aria-busy");
    delete (button.form || {}).dataset.sent;
  };
  const busy = (form, button) => {
    form.dataset.sent = "1";
    if (!button || button.dataset.was) return;
    button.dataset.was = button.innerHTML;
    button.setAttribute("aria-busy", "true");
    button.textContent = button.dataset.busy || "正在提交…";
    if (form.hasAttribute("data-download")) setTimeout(() => free(button), 3000);
  };
  on("submit", (e) => {
    const form = e.target;
    if (form.matches("[data-big]")) {
      e.preventDefault();
      const big = root.classList.toggle("big");
      document.cookie = "big=" + (big ? 1 : 0) + ";path=/;max-age=31536000;samesite=lax";
      all("form[data-big] button").forEach((node) => { (node.querySelector("span") || node).textContent = big ? "标准字号" : "大字版"; });
      return;
    }
    if (navigator.onLine === false) lost();
    if (form.dataset.sent || navigator.onLine === false) { e.preventDefault(); e.stopImmediatePropagation(); return; }
    dirty.delete(form);
    if (e.defaultPrevented || form.method === "dialog") return;
    busy(form, e.submitter || pressed);
  });
  /* one press at a time, but each row of a table for itself */
  const cause = (e) => (e.detail.requestConfig || {}).triggeringEvent || {};
  const sending = (e) => { const at = e.detail.elt, form = at.closest("form"); return cause(e).type !== "change" && form && form.method === "post" && [form, at.closest("tbody") || form, at]; };
  on("htmx:beforeRequest", (e) => {
    const [form, row, at] = sending(e) || [];
    if (!form) return;
    if (form.dataset.sent || row.dataset.sent) e.preventDefault();
    else busy(row, cause(e).submitter || at.closest("button"));
  });
  on("htmx:afterRequest", (e) => {
    const [form, row, at] = sending(e) || [];
    if (!form) return;
    delete row.dataset.sent;
    free(at);
    all("[aria-busy]", at).forEach(free);
    if (e.detail.successful) dirty.delete(form);
  });
  /* a row that somebody is at is not renewed beside another, unless something else is wrong with it now */
  on("htmx:oobBeforeSwap", (e) => {
    const row = e.target;
    const [old, now] = [row, e.detail.fragment].map((part) => all("[aria-invalid], [data-problem]", part));
    const used = row.dataset.sent || row.contains(document.activeElement) || old.some((box) => box.value !== box.defaultValue);
    if (!used || !old.length || old.length !== now.length) return;
    e.preventDefault();
    old.forEach((box, n) => { if (box.name) box.name = now[n].name; });
  });
  on("htmx:beforeOnLoad", (e) => { if (e.detail.xhr.getResponseHeader("HX-Redirect")) dirty.clear(); });
  const lost = () => say("没有保存上，刚才网络断了。您填的内容还在，请再点一次。", "bad");
  on("htmx:sendError", lost);
  on("htmx:timeout", lost);
  on("htmx:responseError", (e) => say(e.detail.xhr.status === 429 ? "操作太快了，请等 1 分钟再试。" : "这一步没有办成，请刷新后再试。您填的内容还在。", "bad"));
  window.addEventListener("pageshow", () => { all("[aria-busy]").forEach(free); all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }); count(); });

  /* clicks and changes */
  on("click", (e) => {
    const at = e.target;
    pressed = at.closest("button, input[type=submit]");
    const copy = at.closest("[data-copy]");
    if (copy) {
      const words = copy.dataset.copy.startsWith("#") ? document.querySelector(copy.dataset.copy).textContent : copy.dataset.copy;
      const done = () => say(copy.dataset.copied || "已复制", "ok");
      const byHand = () => {
        const area = document.body.appendChild(document.createElement("textarea"));
        area.className = "vh"; area.value = words; area.select();
        if (document.execCommand("copy")) done();
        area.remove();
      };
      if (navigator.clipboard) navigator.clipboard.writeText(words).then(done, byHand); else byHand();
    }
    if (at.closest("[data-print]")) window.print();
    if (at.closest("[data-back]")) history.back();
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(at)) menu.open = false; });
    const row = at.closest("[data-rows] [data-row]");
    if (row) rows().forEach((other) => other.classList.toggle("cur", other === row));
  });
  on("change", (e) => {
    const at = e.target;
    if (at.matches("[data-select-all]")) { all("input[data-pick]").forEach((box) => { box.checked = at.checked; }); count(); }
    if (at.matches("[data-pick]")) count();
    if (at.matches("[data-keys-off]")) store.set("keys-off", at.checked ? "1" : "");
    if (at.matches("[data-submit]")) at.form.requestSubmit ? at.form.requestSubmit() : at.form.submit();
  });
  on("dragover", (e) => { const zone = e.target.closest(".drop-zone"); if (zone) { e.preventDefault(); zone.classList.add("over"); } });
  on("dragleave", (e) => { const zone = e.target.closest(".drop-zone"); if (zone) zone.classList.remove("over"); });
  on("drop", (e) => {
    const zone = e.target.closest(".drop-zone");
    if (!zone) return;
    e.preventDefault();
    zone.classList.remove("over");
    const input = zone.querySelector("input[type=file]");
    input.files = e.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  const start = (within) => {
    all("[data-print][hidden], [data-back][hidden], [data-day-of][hidden], [data-copy][hidden], .needs-js[hidden]", within).forEach((node) => { node.hidden = false; });
    all("[data-paste]", within).forEach(measure);
    const goal = (within || document).querySelector("[data-focus]");
    if (goal) goal.focus({ preventScroll: Boolean(goal.closest(".actionbar")) });
    count();
  };
  root.classList.add("js");
  all("[data-keys-off]").forEach((box) => { box.checked = Boolean(store.get("keys-off")); });
  start();
  on("htmx:afterSettle", (e) => start(e.target));
})();
