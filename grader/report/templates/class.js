(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const table = byId("people");
  const body = table.tBodies[0];
  const people = [...body.rows];
  const rows = [...document.querySelectorAll(".mx tbody tr")];
  const owner = (row) => row.cells[0].querySelector("a").hash.slice(1);
  const search = byId("search");
  const said = byId("shown");
  const chips = [...document.querySelectorAll("#tools [data-f]")];
  let key = "all";
  let column = 0;
  const cellAt = (row, place) => [...row.cells].find((cell) => (place -= cell.colSpan) < 0);

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const seen = new Set();
    for (const row of people) {
      const text = row.textContent.toLowerCase();
      const groups = (row.dataset.g || "").split(" ");
      const hit = (key === "all" || groups.includes(key)) && words.every((word) => text.includes(word));
      row.hidden = !hit;
      if (hit) seen.add(row.cells[0].id);
    }
    for (const row of rows) {
      const passed = column && !/^[fw]$/.test(cellAt(row, column).className);
      row.hidden = !seen.has(owner(row)) || Boolean(passed);
    }
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.f === key));
    said.textContent = said.dataset.words.replace("{shown}", seen.size).replace("{total}", people.length);
  };

  const value = (row, index) => row.cells[index].textContent.trim();
  const sort = (index, down) => {
    const numeric = table.tHead.rows[0].cells[index].classList.contains("num");
    const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    const number = (row) => {
      const found = parseFloat(value(row, index));
      return Number.isNaN(found) ? -Infinity : found;
    };
    const keyed = people.map((row) => [numeric ? number(row) : value(row, index), row]);
    keyed.sort((a, b) => {
      const order = numeric ? (a[0] === b[0] ? 0 : a[0] < b[0] ? -1 : 1) : compare(a[0], b[0]);
      return down ? -order : order;
    });
    body.append(...keyed.map((pair) => pair[1]));
    for (const cell of table.tHead.rows[0].cells) {
      if (cell.cellIndex === index) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  };
  for (const cell of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = table.dataset.sort.replace("{column}", cell.textContent);
    button.textContent = cell.textContent;
    button.addEventListener("click", () => {
      const was = cell.getAttribute("aria-sort");
      sort(cell.cellIndex, was ? was === "ascending" : cell.classList.contains("num"));
    });
    cell.replaceChildren(button);
  }

  byId("tools").hidden = false;
  search.addEventListener("input", show);
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      key = chip.dataset.f;
      column = 0;
      show();
    });
  }

  const names = byId("names");
  if (names) {
    const shown = [...document.querySelectorAll('a[href^="#s"] > bdi, [data-w]')];
    const places = shown.map((e) => [e, byId(e.dataset.w || e.parentNode.hash.slice(1))]);
    const pairs = places.filter((pair) => pair[1] && pair[1].dataset.p);
    for (const head of people.map((row) => row.cells[0])) pairs.push([head.querySelector("bdi"), head]);
    for (const name of table.querySelectorAll(".key")) pairs.push([name, { dataset: { p: "" } }]);
    const real = pairs.map((pair) => pair[0].textContent);
    const links = [...body.querySelectorAll("a")].map((link) => [link, link.getAttribute("href")]);
    names.hidden = false;
    names.addEventListener("click", () => {
      const hide = names.getAttribute("aria-pressed") !== "true";
      names.setAttribute("aria-pressed", String(hide));
      pairs.forEach((pair, n) => { pair[0].textContent = hide ? pair[1].dataset.p : real[n]; });
      for (const [link, href] of links) {
        if (hide) link.removeAttribute("href");
        else link.setAttribute("href", href);
      }
      for (const e of document.querySelectorAll(".src")) e.hidden = hide;
      sort(0, false);
      const order = new Map([...body.rows].map((row, n) => [row.cells[0].id, n]));
      if (rows.length) rows[0].parentNode.append(...[...rows].sort((a, b) => order.get(owner(a)) - order.get(owner(b))));
      show();
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
    const target = id && byId(id);
    if (!target) return;
    if (/^c\d+$/.test(id)) {
      column = [...target.parentNode.cells].indexOf(target);
      key = "all";
      search.value = "";
      show();
      target.scrollIntoView();
    } else if (/^s\d+$/.test(id) && target.parentNode.hidden) {
      key = "all";
      search.value = "";
      column = 0;
      show();
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
