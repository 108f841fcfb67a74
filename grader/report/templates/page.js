(() => {
  "use strict";
  const bar = document.getElementById("filters");
  const said = document.getElementById("shown");
  const tests = [...document.querySelectorAll("li[data-g]")];
  const groups = [...document.querySelectorAll(".task, .exercise")];
  const show = (key) => {
    let n = 0;
    for (const test of tests) {
      const hit = key === "all" || (key === "hidden" ? "h" in test.dataset : key === "slow" ? "s" in test.dataset : test.dataset.g === key);
      test.hidden = !hit;
      n += hit;
    }
    for (const group of groups) {
      group.hidden = key !== "all" && !group.querySelector("li[data-g]:not([hidden])");
    }
    for (const button of bar.querySelectorAll("button[data-f]")) {
      button.setAttribute("aria-pressed", String(button.dataset.f === key));
    }
    said.textContent = said.dataset.words.replace("{shown}", n).replace("{total}", tests.length);
  };
  if (bar) {
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.f) show(button.dataset.f);
      else for (const d of document.querySelectorAll("li[data-g] details")) d.open = button.dataset.open === "1";
    });
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const d of closed) d.open = true;
  });
  addEventListener("afterprint", () => {
    for (const d of closed) d.open = false;
  });
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.matches("li[data-g]") && bar) show("all");
    const details = target.querySelector(":scope > details");
    if (details) details.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
