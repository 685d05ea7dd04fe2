"use strict";
// Progressive enhancement only: every form works without this file. Arithmetic in whole hundredths, never in floats of yuan.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const plain = (text) => String(text).replace(/[０-９．，－]/g, (one) => "0123456789.,-"["０１２３４５６７８９．，－".indexOf(one)]).replace(/[,¥￥\s]/g, "");
  const hundredths = (text) => { const found = /^(\d{1,12})(?:\.(\d{0,2}))?$/.exec(plain(text)); return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : NaN; };
  const shown = (fen) => (fen < 0 ? "−" : "") + "¥" + String(Math.floor(Math.abs(fen) / 100)).replace(/\B(?=(\d{3})+$)/g, ",") + "." + String(Math.abs(fen) % 100).padStart(2, "0");

  $("[data-focus]")?.focus();

  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) { const search = $(".k-srch input"); if (search) { event.preventDefault(); search.focus(); } }
  });

  // One press, one effect: the server knows too.
  addEventListener("submit", (event) => { const button = event.submitter; setTimeout(() => { if (button && !event.defaultPrevented) button.disabled = true; }); });
  addEventListener("pageshow", () => $$("form button[type=submit][disabled]:not([data-keep])").forEach((button) => { if (!button.hasAttribute("data-refused")) button.disabled = false; }));

  // On paper everything is unfolded.
  let folded = [];
  addEventListener("beforeprint", () => { folded = $$("details.k-fold:not([open])"); folded.forEach((one) => { one.open = true; }); });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));
  $$("[data-print]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => print()); });

  // A browser speaks its own language on a file field; the page has words for it.
  $$("input[type=file]").forEach((input) => {
    const pick = document.createElement("span"), button = document.createElement("label"), name = document.createElement("span");
    pick.className = "k-pick"; button.className = "k-bt k-sm"; button.htmlFor = input.id; button.textContent = document.body.dataset.pick; name.className = "k-sm k-mut"; name.textContent = document.body.dataset.none;
    pick.append(button, name); input.classList.add("k-vh"); input.after(pick);
    input.addEventListener("change", () => { name.textContent = input.files.length ? input.files[0].name : document.body.dataset.none; });
  });

  $$("input[inputmode=decimal], input[data-number]").forEach((input) => input.addEventListener("change", () => { input.value = plain(input.value) || input.value; }));

  // Drafts: saved 800 ms after the last key.
  $$("form[data-autosave]").forEach((form) => {
    const state = $("[data-save]");
    let timer, pending = false, saving = Promise.resolve();
    const send = async () => {
      const body = new FormData(form);
      [...body].forEach(([name, value]) => { if (value instanceof File) body.delete(name); });
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      pending = false;
      const told = answer && answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
      // What the server keeps now: the next save is compared with it.
      Object.entries(told.fields || {}).forEach(([name, value]) => { if (form.elements[name]) form.elements[name].value = value; });
      if (!state) return;
      const kept = answer && answer.ok && !answer.redirected; // a redirect leads to the sign-in page: nothing was kept
      state.dataset.s = kept ? "ok" : "dirty";
      state.textContent = kept ? state.dataset.saved + " " + (told.saved || new Date().toTimeString().slice(0, 8)) : told.error || state.dataset.failed;
    };
    const save = () => { saving = saving.then(send); };
    form.addEventListener("input", () => { pending = true; if (state) { state.dataset.s = "dirty"; state.textContent = state.dataset.saving; } clearTimeout(timer); timer = setTimeout(save, 800); });
    form.addEventListener("submit", () => { pending = false; clearTimeout(timer); });
    addEventListener("beforeunload", (event) => { if (pending) event.preventDefault(); });
  });

  // Self-assessment: steppers and the live own total; weights in hundredths from the page.
  const items = $$("[data-kpi]");
  const total = () => {
    let sum = 0, filled = 0;
    items.forEach((input) => { const points = hundredths(input.value), bad = Number.isNaN(points) || points > Number(input.dataset.max) * 100; input.setAttribute("aria-invalid", input.value !== "" && bad); if (!bad) { sum += points; filled += 1; } const bar = $("#bar-" + input.id); if (bar && !bad) bar.value = points / 100; });
    $$("[data-own-total]").forEach((node) => { node.textContent = (sum / 100).toFixed(2); });
    $$("[data-filled]").forEach((node) => { node.textContent = filled; });
  };
  items.forEach((input) => { input.addEventListener("input", total); input.addEventListener("focus", () => input.select()); });
  $$("[data-step]").forEach((button) => { button.hidden = false; button.addEventListener("click", () => { const input = document.getElementById(button.dataset.for); const next = (Number.isNaN(hundredths(input.value)) ? 0 : hundredths(input.value)) + Number(button.dataset.step) * 100; input.value = Math.max(0, Math.min(Number(input.dataset.max) * 100, next)) / 100; input.dispatchEvent(new Event("input", { bubbles: true })); }); });
  if (items.length) total();

  // Score sheet: digits, Enter to the next empty row, arrows, Ctrl+Enter, paste of a column.
  const sheet = $("[data-sheet]");
  if (sheet) {
    const cells = $$("[data-score]", sheet);
    const count = () => { const done = cells.filter((one) => one.value !== "").length; $$("[data-done]").forEach((node) => { node.textContent = done; }); $$("[data-done-bar]").forEach((node) => { node.value = done; }); };
    const go = (from, step, empty) => { for (let at = from + step; at >= 0 && at < cells.length; at += step) if (!empty || cells[at].value === "") { cells[at].focus(); return true; } return false; };
    cells.forEach((cell, place) => {
      cell.addEventListener("focus", () => { cell.select(); $$("tr.k-sel", sheet).forEach((row) => row.classList.remove("k-sel")); cell.closest("tr").classList.add("k-sel"); });
      cell.addEventListener("input", () => { const points = hundredths(cell.value); cell.setAttribute("aria-invalid", cell.value !== "" && (Number.isNaN(points) || points > 10000)); count(); });
      cell.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return;
        if (event.key === "Enter") { event.preventDefault(); if (!go(place, 1, true) && !go(-1, 1, true)) $("[data-sheet-submit]")?.focus(); }
        if (event.key === "ArrowDown") { event.preventDefault(); go(place, 1, false); }
        if (event.key === "ArrowUp") { event.preventDefault(); go(place, -1, false); }
      });
      cell.addEventListener("paste", (event) => { const lines = event.clipboardData.getData("text").trim().split(/\r?\n/); if (lines.length > 1) { event.preventDefault(); lines.forEach((line, offset) => { if (cells[place + offset]) { cells[place + offset].value = plain(line); cells[place + offset].dispatchEvent(new Event("input", { bubbles: true })); } }); } });
    });
    count();
    if (matchMedia("(min-width: 768px)").matches) go(-1, 1, true);
  }

  // Split: what is left of the pool, to the fen.
  const pool = $("[data-pool]");
  if (pool) {
    const shares = $$("[data-share]");
    const rest = () => {
      const given = shares.reduce((sum, input) => { const fen = hundredths(input.value); input.setAttribute("aria-invalid", Number.isNaN(fen)); return sum + (Number.isNaN(fen) ? 0 : fen); }, 0);
      const left = Number(pool.dataset.pool) - given, box = $("[data-rest-box]");
      $$("[data-rest]").forEach((node) => { node.textContent = shown(left); });
      $$("[data-given]").forEach((node) => { node.textContent = shown(given); });
      $$("[data-given-bar]").forEach((node) => { node.value = given; });
      if (box) { box.classList.toggle("k-zero", left === 0); box.classList.toggle("k-over", left < 0); }
    };
    shares.forEach((input) => { input.addEventListener("input", rest); input.addEventListener("focus", () => input.select()); });
    rest();
  }
})();
