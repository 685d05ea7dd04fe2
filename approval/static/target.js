"use strict";
(() => {
  const told = document.querySelector("[data-target-sum]");
  if (!told) return;
  const places = Number(told.dataset.places), unit = 10 ** places;
  const read = (text) => {
    const bare = text.normalize("NFKC").replace(/[,\s]/g, "");
    return /^\d{1,12}(\.\d{1,2})?$/.test(bare) ? Math.round(Number(bare) * unit) : 0;
  };
  const shown = (value) => (value < 0 ? "\u2212" : "") + (Math.abs(value) / unit).toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  const boxes = [...document.querySelectorAll("[data-month]")];
  const tell = () => {
    const own = boxes.reduce((sum, box) => sum + read(box.value), 0);
    told.querySelector("[data-own-sum]").textContent = shown(own);
    const rest = Math.round(Number(told.dataset.targetSum) * unit) - Math.round(Number(told.dataset.others) * unit) - own;
    told.querySelector("[data-rest-sum]").textContent = shown(rest);
  };
  boxes.forEach((box) => box.addEventListener("input", tell));
  tell();
})();
