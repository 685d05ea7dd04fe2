"use strict";
// The provisional score with each key: exact fractions in BigInt, half-up once; the server computes it again.
(() => {
  const card = document.querySelector("[data-card]");
  if (!card) return;
  const boxes = [...document.querySelectorAll("[data-kpi]")];
  const ascii = (text) => text.replace(/[０-９．]/g, (one) => "0123456789."["０１２３４５６７８９．".indexOf(one)]).replace(/[,，\s]/g, "");
  const hundredths = (text) => { const found = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(ascii(text)); return found ? BigInt(found[1]) * 100n + BigInt((found[2] || "").padEnd(2, "0")) : null; };
  const [whole, part = ""] = card.dataset.weight.split(".");
  const scale = 10n ** BigInt(part.length), weight = BigInt(whole + part);
  const other = card.dataset.other ? card.dataset.other.split("/").map(BigInt) : null;
  const halfUp = (top, bottom) => (2n * top + bottom) / (2n * bottom);
  const fixed = (value, places) => { const digits = String(value).padStart(places + 1, "0"); return digits.slice(0, -places) + "." + digits.slice(-places); };
  const tell = (name, text) => document.querySelectorAll(`[data-${name}]`).forEach((node) => { node.textContent = text; });

  const mark = (total) => {
    const bands = [...card.querySelectorAll("[data-low]")];
    const within = (node) => total !== null && total >= hundredths(node.dataset.low) && (total < hundredths(node.dataset.high) || hundredths(node.dataset.high) === 10000n);
    bands.forEach((node) => { node.tagName === "LI" ? node.classList.toggle("k-on", within(node)) : node.setAttribute("fill", within(node) ? "#00785c" : "#dfe4eb"); });
    const here = bands.find((node) => node.tagName === "LI" && within(node));
    tell("band", here ? here.querySelector("b").textContent : "—");
    const sign = card.querySelector("[data-mark]");
    if (!sign) return;
    sign.setAttribute("visibility", total === null ? "hidden" : "visible");
    if (total === null) return;
    const at = Math.max(0, Number(total) / 100 - 40) * 5, line = sign.querySelector("line"), text = sign.querySelector("text");
    line.setAttribute("x1", at); line.setAttribute("x2", at);
    text.setAttribute("x", Math.min(282, Math.max(18, at))); text.textContent = fixed(total, 2);
  };

  const compute = () => {
    const points = boxes.map((box) => { const value = hundredths(box.value); return value === null || value > hundredths(box.dataset.max) ? null : value; });
    const full = points.every((value) => value !== null);
    const own = points.reduce((sum, value) => sum + (value ?? 0n), 0n);
    tell("own", full ? fixed(own, 2) : "—");
    tell("own-product", full ? fixed(halfUp(own * weight * 10n, scale), 3) : "—");
    const total = full && other ? halfUp(own * weight * other[1] + other[0] * 100n * scale, scale * other[1]) : null;
    tell("total", total === null ? "—" : fixed(total, 2));
    mark(total);
  };
  boxes.forEach((box) => box.addEventListener("input", compute));
  compute();
})();
