"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function showSplit(number) {
  for (const section of all("section.split")) section.hidden = section.dataset.split !== number;
  for (const button of all("nav.splits button")) {
    button.classList.toggle("on", button.dataset.split === number);
  }
}

function cellValue(row, column) {
  const cell = row.children[column];
  const text = cell.dataset.value ?? cell.textContent.replaceAll(",", "").trim();
  const number = Number.parseFloat(text);
  return Number.isNaN(number) ? text : number;
}

function sortBy(head) {
  const column = [...head.parentElement.children].indexOf(head);
  const isDown = !head.classList.contains("down");
  for (const other of head.parentElement.children) other.classList.remove("down", "up");
  head.classList.add(isDown ? "down" : "up");
  const body = head.closest("table").tBodies[0];
  const compare = (a, b) => {
    const [x, y] = [cellValue(a, column), cellValue(b, column)];
    if (x === y) return 0;
    if (x === "" || y === "") return x === "" ? 1 : -1;
    const order = typeof x === "number" && typeof y === "number" ? y - x
      : String(x).localeCompare(String(y));
    return isDown ? order : -order;
  };
  body.append(...[...body.rows].sort(compare));
}

function filterCards(form) {
  const section = form.closest("section");
  let count = 0;
  for (const card of all(".card", section)) {
    const fits = [...form.elements].every((field) => {
      if (!field.name || !field.value) return true;
      const value = card.dataset[field.name];
      if (field.name === "text") return value.includes(field.value.toLowerCase());
      return value.split("|").includes(field.value);
    });
    card.hidden = !fits;
    count += fits;
  }
  form.querySelector("output").textContent = `${count} cases`;
}

for (const button of all("nav.splits button")) {
  button.addEventListener("click", () => showSplit(button.dataset.split));
}
if (all("nav.splits button").length) showSplit("0");
for (const head of all(".sortable thead th")) head.addEventListener("click", () => sortBy(head));
for (const form of all("form.filters")) {
  form.addEventListener("input", () => filterCards(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  filterCards(form);
}
for (const box of all(".paper-switch")) {
  box.addEventListener("change", () => {
    for (const row of all("tr.paper", box.closest("section"))) row.hidden = !box.checked;
  });
}
