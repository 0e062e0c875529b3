// Three questions side by side. Answers come from the server; this page only shows them.
"use strict";

const ROWS = [
  ["Package, mm", (d) => [d.device.package_mm.length, d.device.package_mm.width, d.device.package_mm.height].map((v) => v.toFixed(2)).join(" × ")],
  ["Layers", (d) => d.device.layers, 0],
  ["Height, mm", (d) => d.device.package_mm.height, 2],
  ["Rated, mAh", (d) => d.device.capacity_mah.rated, 2],
  ["Energy, mWh", (d) => d.device.energy_mwh, 1],
  ["Wh/L in the package", (d) => d.device.energy_density_wh_per_l.package, 0],
  ["Resistance, Ω", (d) => d.device.resistance_ohm, 2],
  ["Continuous, mA", (d) => d.device.max_continuous_ma, 1],
  ["For 10 ms, Ω", (d) => d.device.electrical.pulse_ohm ?? "not stated", 2],
  ["Drop of the load, mV", (d) => d.device.electrical.load ? d.device.electrical.load.drop_v * 1000 : "none asked", 0],
  ["Charge time, min", (d) => d.device.electrical.charge_s === null ? "not stated" : d.device.electrical.charge_s / 60, 1],
  ["Mass, g", (d) => d.device.mass_g, 3],
  ["Cells per repeat", (d) => d.web.cells_per_repeat, 0],
  ["Web used, %", (d) => d.web.utilization * 100, 1],
  ["Stacks that work, %", (d) => d.yield.stack * 100, 1],
  ["Good devices per m²", (d) => d.web.devices_per_m2.good, 1],
];
const answers = {A: null, B: null, C: null};

function ask(column) {
  const letter = column.dataset.design, form = column.querySelector("form"), result = column.querySelector(".result");
  const query = new URLSearchParams();
  for (const field of form.elements) if (field.value.trim()) query.set(field.name, field.value.trim());
  if (column.abort) column.abort.abort();
  column.abort = new AbortController();
  result.setAttribute("aria-busy", "true");
  fetch(`/design?${query}`, {signal: column.abort.signal})
    .then((response) => response.json())
    .catch((error) => error.name === "AbortError" ? null
      : {ok: false, problems: [{what: "the server does not answer", remedy: "start layoutgen serve again"}]})
    .then((found) => {
      if (!found) return;
      answers[letter] = found.ok ? found : null;
      result.setAttribute("aria-busy", "false");
      found.ok ? showAnswer(column, found, query) : showProblems(column, found.problems);
      if (found.command) showCommand(result, found.command);
      if (letter === "A") for (const other of document.querySelectorAll("[data-design]")) showDeltas(other);
    });
}

function add(parent, name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  parent.append(made);
  return made;
}

// The same question for a terminal.
function showCommand(result, command) {
  const box = add(result, "div", undefined, "ask");
  add(box, "code", command);
  const button = add(box, "button", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", "Copy the command");
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(command).then(() => { button.textContent = "Copied"; },
      () => getSelection().selectAllChildren(box.firstChild));
  });
}

// The address holds what is asked: A.capacity=20&A.footprint=8x10&B.capacity=... after the #, which is never sent.
function toAddress() {
  const asked = new URLSearchParams();
  for (const column of document.querySelectorAll("[data-design]"))
    for (const field of column.querySelector("form").elements)
      if (field.value.trim() && field.value !== field.dataset.usual) asked.set(`${column.dataset.design}.${field.name}`, field.value.trim());
  history.replaceState(null, "", `#${asked}`);
}

function fromAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const column of document.querySelectorAll("[data-design]"))
    for (const field of column.querySelector("form").elements) {
      field.dataset.usual = field.tagName === "SELECT" ? field.value : "";
      const text = asked.get(`${column.dataset.design}.${field.name}`);
      if (location.hash.length < 2) continue;
      if (field.tagName !== "SELECT") field.value = text ?? "";
      else {
        // what is not offered here is asked all the same: the answer says what there is
        if (text !== null && ![...field.options].some((option) => option.value === text)) add(field, "option", text);
        field.value = text ?? field.dataset.usual;
      }
    }
}

function showProblems(column, problems) {
  const result = column.querySelector(".result");
  result.replaceChildren();
  for (const input of column.querySelectorAll("input, textarea")) {
    const wrong = problems.some((problem) => (problem.path || "").split(".")[0] === input.name);
    input.setAttribute("aria-invalid", String(wrong));
  }
  for (const problem of problems) {
    const box = add(result, "div", undefined, "problem");
    add(box, "strong", (problem.where ? `${problem.where}: ` : "") + problem.what);
    if (problem.allowed) add(box, "div", `allowed: ${problem.allowed}`);
    if (problem.remedy) add(box, "div", `try: ${problem.remedy}`);
  }
}

function showAnswer(column, found, query) {
  const result = column.querySelector(".result");
  result.replaceChildren();
  for (const input of column.querySelectorAll("input, textarea")) input.removeAttribute("aria-invalid");
  picture(result, found.pictures.fit, "From above and from the side, to scale");
  const table = add(result, "table"), body = add(table, "tbody");
  for (const [title, value, decimals] of ROWS) {
    const line = add(body, "tr");
    add(line, "th", title).scope = "row";
    const shown = value(found);
    const number = typeof shown === "number" && decimals !== undefined;
    const cell = add(line, "td", number ? shown.toFixed(decimals) : shown, "num");
    const delta = add(line, "td", "", "num delta");
    if (!number) { cell.colSpan = 2; delta.hidden = true; }
  }
  add(result, "p", `Stops a better design: ${found.binding.join(", ") || "nothing in the question"}.`, "small soft");
  for (const flag of found.flags) add(result, "div", flag.message, "problem");
  picture(result, found.pictures.section, "Both ends of the stack; heights schematic");
  picture(result, ownIds(found.pictures.web, column.dataset.design), "One repeat of the web, to scale");
  if (found.disclaimer) add(result, "p", found.disclaimer, "disclaimer small");
  const button = add(result, "button", "Download the package (zip)", "download");
  button.type = "button";
  button.addEventListener("click", () => download(query));
  showDeltas(column);
}

// By POST, with what only this page knows: no other page can order a package.
function download(query) {
  const form = add(document.body, "form");
  form.method = "post";
  form.action = "/package";
  for (const [name, value] of [...query, ["token", document.querySelector("meta[name=token]").content]]) {
    const field = add(form, "input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
  }
  form.submit();
  form.remove();
}

function picture(parent, svg, caption) {
  const figure = add(parent, "figure");
  figure.innerHTML = svg;   // made by this server
  add(figure, "figcaption", caption);
}

// The same picture may stand in all three columns; its ids must not.
function ownIds(svg, letter) {
  return svg.replaceAll('id="web-', `id="${letter}-web-`).replaceAll("url(#web-", `url(#${letter}-web-`);
}

function showDeltas(column) {
  const own = answers[column.dataset.design], first = answers.A;
  column.querySelectorAll("td.delta").forEach((cell, number) => {
    const [, value, decimals] = ROWS[number];
    const both = own && first && own !== first && typeof value(own) === "number" && typeof value(first) === "number";
    const known = both && decimals !== undefined && value(first);
    const percent = known ? ((value(own) / value(first) - 1) * 100).toFixed(1) : "";
    cell.textContent = !known ? "" : Number(percent) ? `${percent} %`.replace(/^(?=\d)/, "+") : "=";
  });
}

fromAddress();
window.addEventListener("hashchange", () => {
  fromAddress();
  for (const column of document.querySelectorAll("[data-design]")) ask(column);
});
for (const column of document.querySelectorAll("[data-design]")) {
  column.addEventListener("input", () => {
    toAddress();
    clearTimeout(column.timer);
    column.timer = setTimeout(() => ask(column), 200);
  });
  column.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); ask(column); });
  ask(column);
}
