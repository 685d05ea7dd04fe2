"use strict";
// The record that is being scored stands beside the sheet; on a phone eight buttons give the usual scores.
(() => {
  const details = document.querySelector("[data-details]");
  if (!details) return;
  const all = [...details.querySelectorAll("[data-detail]")], cells = [...document.querySelectorAll("[data-score]")];
  const pad = details.querySelector("[data-pad]"), undo = [];
  let current = null;
  const show = (id) => all.forEach((one) => { one.open = one.dataset.detail === id; one.hidden = one.dataset.detail !== id; });
  const choose = (cell) => { current = cell; show(cell.closest("tr").dataset.row); };
  document.documentElement.classList.add("k-js");
  // On a phone the reason's box comes out when the score asks for it.
  const quiet = (cell) => { const box = cell.closest("tr").querySelector("[data-note]"), note = box?.querySelector("input"); box?.classList.toggle("k-quiet", !(cell.value !== "" && Number(cell.value) < 65) && !note.value && !box.querySelector(".k-fe")); };
  cells.forEach((cell) => {
    let before = cell.value;
    cell.addEventListener("focus", () => { before = cell.value; choose(cell); });
    cell.addEventListener("input", () => quiet(cell));
    quiet(cell);
    cell.addEventListener("change", () => { if (cell.value !== before) undo.push([cell, before]); before = cell.value; });
  });
  document.querySelectorAll("[data-row] a[href^='#s']").forEach((link) => link.addEventListener("click", (event) => { const cell = link.closest("tr").querySelector("[data-score]"); if (cell) { event.preventDefault(); choose(cell); mark(cell); } else show(link.closest("tr").dataset.row); }));
  const mark = (cell) => { document.querySelectorAll("tr.k-sel").forEach((row) => row.classList.remove("k-sel")); cell.closest("tr").classList.add("k-sel"); };
  document.querySelector("[data-sheet]").addEventListener("keydown", (event) => {
    const typing = document.activeElement.matches("[data-score]") && document.activeElement.value !== document.activeElement.defaultValue && undo.length === 0;
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && undo.length && !typing) { event.preventDefault(); const [cell, value] = undo.pop(); cell.value = value; cell.dispatchEvent(new Event("input", { bubbles: true })); cell.focus(); }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); document.querySelector("[data-sheet-submit]")?.focus(); }
  });
  if (pad && cells.length) {
    pad.hidden = false;
    pad.querySelectorAll("[data-chip]").forEach((chip) => chip.addEventListener("click", () => {
      if (!current) return;
      undo.push([current, current.value]);
      current.value = chip.dataset.chip;
      current.dispatchEvent(new Event("input", { bubbles: true }));
      const next = cells.find((cell) => cell.value === "");
      if (next) { choose(next); mark(next); }
    }));
  }
  const first = cells.find((cell) => cell.value === "") || cells[0];
  if (first) { choose(first); mark(first); } else if (all.length) show(all[0].dataset.detail);
})();
