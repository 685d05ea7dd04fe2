"use strict";
// The provisional score with each key: exact fractions in BigInt, half-up once; the server computes it again.
(() => {
  const card = document.querySelector("[data-card]");
  if (!card) return;
  const boxes = [...document.querySelectorAll("[data-kpi]")];
  const ascii = (text) => text.replace(/[０-９．]/g, (one) => "0123456789."["０１２３４５６７８９．".indexOf(one)]).replace(/[,，\s]/g, "");
  const hundredths = (text) => { const found = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(ascii(text)); return found ? BigInt(found[1]) * 100n + BigInt((found[2] || "").padEnd(2, "0")) : null; };
  const [whole, part = ""] = card.dataset.weight.split("."), places = Number(card.dataset.places), shown = Math.max(2, places);
  const scale = 10n ** BigInt(part.length), weight = BigInt(whole + part);
  const other = card.dataset.other ? card.dataset.other.split("/").map(BigInt) : null;
  const halfUp = (top, bottom) => (2n * top + bottom) / (2n * bottom);
  const fixed = (value, places) => { const digits = String(value).padStart(places + 1, "0"); return digits.slice(0, -places) + "." + digits.slice(-places); };
  // Two places, or as many more as the score has; `unit` is how many of its parts make one hundredth.
  const score = (value) => fixed(value, shown).replace(/(\.\d\d\d*?)0+$/, "$1"), unit = 10n ** BigInt(shown - 2);
  const longest = Math.min(6, shown + 1);
  const rounded = (top, bottom) => places === 0 ? halfUp(top, bottom * 100n) * 100n : halfUp(top * unit, bottom);
  const tell = (name, text) => document.querySelectorAll(`[data-${name}]`).forEach((node) => { node.textContent = text; });

  const mark = (total) => {
    const bands = [...card.querySelectorAll("[data-low]")];
    const within = (node) => total !== null && total >= hundredths(node.dataset.low) * unit && (total < hundredths(node.dataset.high) * unit || hundredths(node.dataset.high) === 10000n);
    bands.forEach((node) => { node.tagName === "LI" ? node.classList.toggle("k-on", within(node)) : node.setAttribute("fill", within(node) ? "#00785c" : "#dfe4eb"); });
    const here = bands.find((node) => node.tagName === "LI" && within(node));
    tell("band", here ? here.querySelector("b").textContent : "—");
    const sign = card.querySelector("[data-mark]");
    if (!sign) return;
    sign.setAttribute("visibility", total === null ? "hidden" : "visible");
    if (total === null) return;
    const at = Math.max(0, Number(total) / Number(100n * unit) - 40) * 5, line = sign.querySelector("line"), text = sign.querySelector("text");
    line.setAttribute("x1", at); line.setAttribute("x2", at);
    text.setAttribute("x", Math.min(282, Math.max(18, at))); text.textContent = score(total);
  };

  const compute = () => {
    const points = boxes.map((box) => { const value = hundredths(box.value); return value === null || value > hundredths(box.dataset.max) ? null : value; });
    const full = points.every((value) => value !== null);
    const own = points.reduce((sum, value) => sum + (value ?? 0n), 0n);
    tell("own", full ? fixed(own, 2) : "—");
    tell("own-product", full ? fixed(halfUp(own * weight * 10n ** BigInt(longest - 2), scale), longest).replace(/(\.\d{3}\d*?)0+$/, "$1") : "—");
    const total = full && other ? rounded(own * weight * other[1] + other[0] * 100n * scale, scale * other[1]) : null;
    tell("total", total === null ? "—" : score(total));
    mark(total);
  };
  boxes.forEach((box) => box.addEventListener("input", compute));
  compute();
})();
