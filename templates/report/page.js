// The page around the viewer: layer list, views, findings, the stack's hover, and the card behind each figure.
"use strict";

const byId = (id) => document.getElementById(id);
const json = (id) => JSON.parse(byId(id).textContent);

function option(text, value) {
  const made = document.createElement("option");
  made.textContent = text;
  made.value = value;
  return made;
}

function startViewer() {
  const root = byId("viewer"), data = json("layout-data"), findings = json("findings-data");
  const viewer = new LayoutViewer(root, data);
  listLayers(root.querySelector(".layers"), viewer);
  const views = root.querySelector("[data-views]"), list = root.querySelector("[data-findings]");
  data.views.forEach((view, number) => views.append(option(view.name, number)));
  views.addEventListener("change", () => viewer.show(viewer.box(Number(views.value))));
  for (const button of root.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => viewer.zoom(Number(button.dataset.zoom)));
  }
  toggle(root.querySelector("[data-measure]"), (on) => {
    viewer.measuring = on;
    root.classList.toggle("measuring", on);
    if (!on) viewer.ruler = null;
    viewer.redraw();
  });
  toggle(root.querySelector("[data-solid]"), (on) => viewer.setSolid(on));
  const goTo = (number) => {
    const finding = findings[number], at = viewer.placeOf(finding.cell);
    viewer.goTo(viewer.placed(finding.place_um.map((um) => um * 1000 / data.unit_nm), at));
  };
  findings.forEach((finding, number) => {
    if (finding.place_um) list.append(option(`${finding.rule} ${finding.message}`.slice(0, 60), number));
  });
  list.closest("label").hidden = list.options.length < 2;
  list.addEventListener("change", () => { if (list.value) goTo(Number(list.value)); });
  for (const button of document.querySelectorAll("button[data-finding]")) {
    button.addEventListener("click", () => {
      list.value = button.dataset.finding;
      root.scrollIntoView({block: "center"});
      goTo(Number(button.dataset.finding));
      viewer.canvas.focus({preventScroll: true});
    });
  }
  const opening = data.views.findIndex((view) => view.name === "one cell");
  if (opening > 0) {
    views.value = String(opening);
    viewer.show(viewer.box(opening), 0.3);
  }
  startPlaces(root, viewer);
  startFullScreen(root);
  startOverview(root.querySelector(".overview"), viewer);
  addEventListener("beforeprint", () => { viewer.resize(); viewer.show(viewer.box(0)); viewer.draw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => viewer.redraw());
  window.viewer = viewer;
}

// A cell by its address, or a place in mm: shown and framed; what there is, where it is none.
function startPlaces(root, viewer) {
  const field = root.querySelector("[data-place]"), said = root.querySelector("[data-said]");
  field.addEventListener("change", () => {
    const found = field.value.trim() ? viewer.placeAt(field.value) : {};
    said.textContent = found.problem || "";
    field.setAttribute("aria-invalid", String(Boolean(found.problem)));
    if (found.box) viewer.goTo(found.box);
  });
  field.addEventListener("input", () => { said.textContent = ""; field.removeAttribute("aria-invalid"); });
}

function startFullScreen(root) {
  const button = root.querySelector("[data-full]");
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement === root ? "Leave full screen" : "Full screen";
  });
}

// The whole layout, small, with a frame where the viewer is; gone while the viewer shows nearly everything itself.
function startOverview(root, viewer) {
  const image = root.querySelector("img"), frame = root.querySelector("i"), all = viewer.box(0);
  const width = all[2] - all[0], height = all[3] - all[1];
  const size = Math.min(1, 0.75 * width / height) * 200;
  const paint = () => { image.src = viewer.picture(all, 2 * size); };
  image.style.width = `${size}px`;
  image.style.height = `${size * height / width}px`;
  viewer.watch = () => {
    const [x0, y0, x1, y1] = viewer.window();
    root.hidden = (x1 - x0) * (y1 - y0) > 0.4 * width * height || viewer.width < 500;
    if (!root.hidden && !image.src) paint();
    const part = (value) => `${Math.min(Math.max(100 * value, -2), 102)}%`;
    frame.style.left = part((x0 - all[0]) / width);
    frame.style.right = part((all[2] - x1) / width);
    frame.style.top = part((all[3] - y1) / height);
    frame.style.bottom = part((y0 - all[1]) / height);
  };
  root.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    viewer.centreOn(all[0] + (event.clientX - box.left) / box.width * width,
                    all[3] - (event.clientY - box.top) / box.height * height);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (image.src) paint(); });
  viewer.watch();
}

function toggle(button, act) {
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    act(on);
  });
}

function listLayers(root, viewer) {
  const titles = {drawn: "Drawn: what remains", mask: "Masks: what tools do", mark: "Marks"};
  for (const [purpose, title] of Object.entries(titles)) {
    const numbers = viewer.layers.map((layer, number) => number).filter((n) => viewer.layers[n].purpose === purpose);
    if (!numbers.length) continue;
    const group = document.createElement("fieldset"), legend = document.createElement("legend");
    legend.textContent = title;
    group.append(legend);
    for (const number of numbers) group.append(layerLine(viewer, number));
    const all = document.createElement("button");
    all.type = "button";
    all.textContent = "all or none";
    all.setAttribute("aria-label", `${title}: all or none`);
    all.addEventListener("click", () => {
      const boxes = [...group.querySelectorAll("input")], on = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = on; viewer.layers[box.value].shown = on; });
      viewer.prepare();
      viewer.redraw();
    });
    group.append(all);
    root.append(group);
  }
}

function layerLine(viewer, number) {
  const layer = viewer.layers[number], label = document.createElement("label");
  const box = document.createElement("input"), swatch = document.createElement("span");
  box.type = "checkbox";
  box.checked = layer.shown;
  box.value = number;
  box.addEventListener("change", () => viewer.setLayer(number, box.checked));
  swatch.className = "swatch";
  swatch.style.background = layer.colour;
  label.append(box, swatch, layer.name);
  label.title = layer.description;
  return label;
}

// Hovering or focusing a film lights it up in the picture and in the table.
function startStack() {
  const stack = byId("stack");
  const light = (number) => {
    stack.toggleAttribute("data-hover", number !== null);
    for (const item of stack.querySelectorAll("[data-film]")) {
      item.classList.toggle("lit", item.dataset.film === number);
    }
  };
  for (const name of ["pointerover", "focusin"]) {
    stack.addEventListener(name, (event) => {
      const film = event.target.closest("[data-film]");
      light(film ? film.dataset.film : null);
    });
  }
  stack.addEventListener("pointerleave", () => light(null));
  stack.addEventListener("focusout", () => light(null));
}

// A figure opens its formula in a card; without scripts the link leads to the same text below.
function startCards() {
  const card = byId("card");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.fig");
    if (!link || event.ctrlKey || event.metaKey) return;
    const target = byId(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    const body = byId("card-body");
    if (target.tagName === "TR") {
      byId("card-title").textContent = target.cells[0].textContent;
      body.replaceChildren(...[...target.cells].slice(1).map((cell) => {
        const line = document.createElement("p");
        line.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
        return line;
      }));
    } else {
      const copy = target.cloneNode(true);
      byId("card-title").replaceChildren(...copy.querySelector("h3").childNodes);
      copy.querySelector("h3").remove();
      body.replaceChildren(...copy.childNodes);
    }
    if (!card.open) card.showModal();
    card.scrollTop = 0;
  });
  card.addEventListener("click", (event) => {
    if (event.target === card) card.close();
    const link = event.target.closest("a:not(.fig)");
    if (link) card.close();
  });
}

// Reference parts are folded up: a link into one opens it, and paper shows all of them.
function startFolds() {
  const reveal = () => {
    const target = byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const folds = [...target.querySelectorAll(":scope > details")];
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
    const closed = folds.filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
    if (closed.length) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal();
  });
  reveal();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; });
}

// A drawing in full size: moved into a dialog and back, so that its ids stay unique.
function startSheets() {
  const dialog = byId("sheet");
  let home = null;
  for (const button of document.querySelectorAll("[data-enlarge]")) {
    button.addEventListener("click", () => {
      home = button.closest("figure");
      dialog.append(home.querySelector("svg"));
      dialog.showModal();
    });
  }
  dialog.addEventListener("close", () => home.prepend(dialog.querySelector("svg")));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}

// review.toml from the form: decisions that count already, and those that are complete here.
function startDecisions() {
  const root = byId("decide");
  if (!root) return;
  const known = json("decisions-data"), form = root.querySelector("form"), text = root.querySelector("[data-toml]");
  const told = root.querySelector("[data-told]"), skeleton = text.textContent;
  const write = () => {
    const by = form.elements.by.value.trim(), date = form.elements.date.value, missing = [];
    const made = [...form.querySelectorAll("fieldset")].flatMap((block) => {
      const [verdict, rationale] = ["verdict", "rationale"].map((name) => block.querySelector(`[name=${name}]`).value.trim());
      if (!verdict) return [];
      if (!by || !date) missing.push("who and when");
      if (verdict !== "accepted" && !rationale) missing.push(`a rationale for ${block.dataset.id}`);
      return [{id: block.dataset.id, verdict, by, date, rationale}];
    });
    told.textContent = missing.length ? `Still needed: ${[...new Set(missing)].join(", ")}.` : "";
    text.textContent = made.length ? tomlOf(known, made) : skeleton;
  };
  form.elements.date.value = new Date().toISOString().slice(0, 10);
  form.addEventListener("input", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("[data-copy]").addEventListener("click", () => {
    getSelection().selectAllChildren(text);
    told.textContent = document.execCommand("copy") ? "Copied." : "Selected; copy it with the keyboard.";
  });
  root.querySelector("[data-save]").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text.textContent], {type: "application/toml"}));
    link.download = "review.toml";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

function tomlOf(known, made) {
  const ids = new Set(made.map((one) => one.id)), kept = known.kept.filter((one) => !ids.has(one.id));
  const lines = [`schema = ${JSON.stringify(known.schema)}`, `design = ${JSON.stringify(known.design)}`];
  for (const decision of [...kept, ...made]) {
    lines.push("", "[[decision]]");
    for (const [key, value] of Object.entries(decision)) {
      // a JSON string is a TOML string, but for the delete character
      if (value) lines.push(`${key} = ${JSON.stringify(value).replace(/\u007f/g, "\\u007f")}`);
    }
  }
  return lines.join("\n") + "\n";
}

startStack();
startCards();
startFolds();
startSheets();
startDecisions();
startViewer();
