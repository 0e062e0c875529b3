"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const list = document.getElementById("cells"), told = document.getElementById("told");
  const svg = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    return made;
  };
  let shown = null;
  function show(at) {
    const stack = data.stacks[at];
    if (shown !== null) document.getElementById("s" + shown).classList.remove("shown");
    document.getElementById("s" + at).classList.add("shown");
    shown = at;
    for (const layer of document.querySelectorAll("svg.web g.cells")) layer.replaceChildren();
    const rows = stack.cells.map(([lot, repeat, cell, nah], layer) => {
      const web = data.webs[lot];
      const along = (data.y[cell] + (repeat - web.first) * data.length) / 1000, across = data.x[cell];
      const where = document.querySelector("#web" + lot + " g.cells");
      const place = svg("circle", { cx: along / web.metres * 900, cy: 90 - across / data.width * 90, r: 3.5 });
      const name = "W" + String(repeat).padStart(data.repeat_digits, "0") + "-" + data.names[cell];
      const title = svg("title", {});
      title.textContent = "layer " + (layer + 1) + ": " + name;
      place.append(title);
      where.append(place);
      return [layer + 1, web.name, name, (along * 1000).toFixed(1), across.toFixed(1), (nah / 1e6).toFixed(5)];
    });
    told.textContent = stack.label + ": " + stack.mah.toFixed(4) + " mAh by estimate, "
      + stack.lower.toFixed(4) + " mAh at " + data.confidence + " confidence, " + rows.length + " cells";
    list.replaceChildren(...rows.map((row) => {
      const line = document.createElement("tr");
      line.append(...row.map((text) => {
        const cell = document.createElement("td");
        cell.textContent = text;
        return cell;
      }));
      return line;
    }));
  }
  data.stacks.forEach((stack, at) => {
    const point = document.getElementById("s" + at);
    point.addEventListener("click", () => show(at));
    point.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(at); }
    });
  });
  if (data.stacks.length) show(0);
})();
