"use strict";
// A policy's text or figures are checked while they are typed; the server does the checking and stores nothing. Works without this file.
(() => {
  const form = document.querySelector("#edit[data-check]");
  if (!form) return;
  const source = form.querySelector("#source"), state = form.querySelector("[data-state]"), cursor = form.querySelector("[data-cursor]");
  const part = (id) => document.getElementById(id), told = () => JSON.stringify([...new FormData(form)].filter(([name]) => !/^[pir]\./.test(name))), kept = told();
  let timer, asked = 0, leaving = false;

  // Boxes stay where they are while their names do, so that whoever types in one keeps his place.
  const names = (root) => [...root.querySelectorAll("[name]")].map((one) => one.name + (one.options ? [...one.options].map((option) => option.value) : "")).join("|");
  const show = (told) => {
    part("faults").innerHTML = told.faults;
    part("result").innerHTML = told.result;
    const made = document.createElement("div");
    made.innerHTML = told.boxes;
    if (names(made) !== names(part("boxes"))) part("boxes").replaceChildren(...made.childNodes);
    state.textContent = state.dataset.done;
  };
  const check = async () => {
    const mine = ++asked;
    state.textContent = state.dataset.busy;
    const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    const told = answer && answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
    if (mine !== asked) return; // a newer text is being checked
    if (told) show(told); else state.textContent = form.dataset.failed;
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 500); });
  form.querySelector("[data-check-button]").addEventListener("click", (event) => { event.preventDefault(); clearTimeout(timer); check(); });
  state.textContent = state.dataset.done;

  form.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => { if (!leaving && told() !== kept) event.preventDefault(); });
  form.addEventListener("keydown", (event) => { if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(form.querySelector(".k-pri")); } });
  if (!source) return;

  // A fault's line is one press away; the line of the cursor stands above the text.
  const place = () => { cursor.textContent = cursor.dataset.words.replace("{n}", source.value.slice(0, source.selectionStart).split("\n").length); };
  ["keyup", "click", "focus", "input"].forEach((name) => source.addEventListener(name, place));
  part("faults").addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = source.value.split("\n"), line = Math.min(Number(link.dataset.line), lines.length) - 1;
    const start = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
    source.focus();
    source.setSelectionRange(start, start + lines[line].length);
    source.scrollTop = (source.scrollHeight / lines.length) * Math.max(0, line - 5);
    source.scrollLeft = 0;
    place();
  });
})();
