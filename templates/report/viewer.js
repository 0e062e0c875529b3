// Layout viewer: draws the hierarchy on a canvas. Cells outside the view are skipped, and an array whose cells are
// small on the screen is filled with one picture of a cell instead of being drawn cell by cell. While the view is
// moved at one scale, it is copied out of a sheet drawn a little larger than the view.
"use strict";

const SHEET_MARGIN = 240;   // CSS pixels that the sheet reaches beyond the view on each side

class LayoutViewer {
  constructor(root, data) {
    this.data = data;
    this.canvas = root.querySelector("canvas");
    this.context = this.canvas.getContext("2d", {alpha: false});
    this.status = root.querySelector("[data-status]");
    this.layers = data.layers.map((layer) => ({...layer, shown: layer.shown}));
    this.solid = false;
    this.top = data.cells.length - 1;
    this.tiles = new Map();
    this.sheet = null;         // {canvas, key, left, top}: picture of the view and its surroundings
    this.moving = false;       // whether the view was only moved since it was drawn
    this.mark = null;          // box of a finding, in units
    this.ruler = null;         // {from: [x, y], to: [x, y], fixed}
    this.measuring = false;
    this.cursor = null;        // pointer position in CSS pixels
    this.pointers = new Map();
    this.asked = false;
    this.prepare();
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.canvas);
    this.resize();
    this.show(this.box(0));
  }

  // ---- geometry ----------------------------------------------------------------------------------------------

  // Boxes of every cell over the layers shown; children come before the cells that place them.
  prepare() {
    this.boxes = [];
    this.tiles.clear();
    this.sheet = null;
    for (const cell of this.data.cells) {
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const [layer, shapes] of cell.shapes || []) {
        if (this.layers[layer].shown) for (const shape of shapes) grow(box, boxOf(shape));
      }
      for (const [layer, width, points] of cell.lines || []) {
        if (this.layers[layer].shown) grow(box, widened(boxOf(points), width / 2));
      }
      for (const place of cell.places || []) {
        if (this.boxes[place[0]][0] <= this.boxes[place[0]][2]) grow(box, this.arrayBox(place));
      }
      this.boxes.push(box);
    }
  }

  arrayBox([cell, x, y, turn, columns, rows, dx, dy]) {
    const [x0, y0, x1, y1] = turnedBox(this.boxes[cell], turn);
    const farX = (columns - 1) * dx, farY = (rows - 1) * dy;
    return [x + x0 + Math.min(0, farX), y + y0 + Math.min(0, farY),
            x + x1 + Math.max(0, farX), y + y1 + Math.max(0, farY)];
  }

  box(view) { return this.data.views[view].box; }

  toScreen(x, y) { return [(x - this.x) * this.scale, this.height - (y - this.y) * this.scale]; }

  toLayout(px, py) { return [this.x + px / this.scale, this.y + (this.height - py) / this.scale]; }

  window() {
    const [x0, y0] = this.toLayout(0, this.height), [x1, y1] = this.toLayout(this.width, 0);
    return [x0, y0, x1, y1];
  }

  // ---- view ----------------------------------------------------------------------------------------------------

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const centre = this.scale ? this.toLayout(this.width / 2, this.height / 2) : null;
    this.width = this.canvas.clientWidth || 600;
    this.height = this.canvas.clientHeight || 400;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.ratio = ratio;
    if (centre) this.centreOn(centre[0], centre[1]);
    this.draw();
  }

  show([x0, y0, x1, y1], margin = 0.06) {
    const width = Math.max(x1 - x0, 1), height = Math.max(y1 - y0, 1);
    this.scale = Math.min(this.width / width, this.height / height) * (1 - margin);
    this.centreOn((x0 + x1) / 2, (y0 + y1) / 2);
  }

  centreOn(x, y) {
    this.x = x - this.width / 2 / this.scale;
    this.y = y - this.height / 2 / this.scale;
    this.redraw();
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toLayout(px, py);
    const whole = this.boxes[this.top], least = 0.2 * Math.min(
      this.width / Math.max(whole[2] - whole[0], 1), this.height / Math.max(whole[3] - whole[1], 1));
    this.scale = Math.min(Math.max(this.scale * factor, Number.isFinite(least) ? least : 1e-9), 200);
    this.x = x - px / this.scale;
    this.y = y - (this.height - py) / this.scale;
    this.redraw();
  }

  pan(px, py) {
    this.x -= px / this.scale;
    this.y += py / this.scale;
    this.moving = true;
    this.redraw();
  }

  setLayer(number, shown) { this.layers[number].shown = shown; this.prepare(); this.redraw(); }

  setSolid(solid) { this.solid = solid; this.tiles.clear(); this.sheet = null; this.redraw(); }

  // A box in units, such as that of a finding: shown with room around it, and framed.
  goTo(box) {
    const room = Math.max(box[2] - box[0], box[3] - box[1], 5e4 / this.data.unit_nm);
    this.mark = box;
    this.show(widened(box, room));
  }

  // The box of a cell by its address, or of a place in mm; else what is wrong.
  placeAt(text) {
    const cell = /^(?:W\d+-)?F(\d+)-B(\d+)-C(\d+)-R(\d+)$/i.exec(text.trim());
    if (cell) {
      const [field, block, column, row] = cell.slice(1).map(Number);
      const found = this.data.blocks.find((one) => one[0] === field && one[1] === block);
      if (!found) return {problem: `there is no block F${field}-B${block}`};
      const [, , columns, rows, x, y, dx, dy, width, length] = found;
      if (column < 1 || column > columns || row < 1 || row > rows) {
        return {problem: `F${field}-B${block} has ${columns} columns and ${rows} rows`};
      }
      const left = x + (column - 1) * dx, low = y + (row - 1) * dy;
      return {box: [left, low, left + width, low + length]};
    }
    const mm = text.split(/[\s,;]+/).filter(Boolean).map(Number);
    if (mm.length !== 2 || !mm.every(Number.isFinite)) return {problem: "F1-B1-C03-R12, or x, y in mm"};
    const [px, py] = mm.map((value) => value * 1e6 / this.data.unit_nm);
    return {box: [px, py, px, py]};
  }

  // Where the first instance of a cell lies: {x, y, turn}; the top's own place for a name that no cell has.
  placeOf(name, number = this.top, x = 0, y = 0, turn = 0) {
    const cell = this.data.cells[number];
    if (cell.name === name) return {x, y, turn};
    for (const [child, px, py, ownTurn] of cell.places || []) {
      const [ox, oy] = turned(px, py, turn);
      const found = this.placeOf(name, child, x + ox, y + oy, (turn + ownTurn) % 4);
      if (found) return found;
    }
    return number === this.top ? {x: 0, y: 0, turn: 0} : null;
  }

  placed(box, {x, y, turn}) { return moved(turnedBox(box, turn), x, y); }

  redraw() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.draw(); });
  }

  // ---- drawing -------------------------------------------------------------------------------------------------

  draw() {
    if (!this.scale) return;
    const g = this.context, style = getComputedStyle(this.canvas);
    this.ink = style.color;
    this.paper = style.backgroundColor;
    if (this.moving) this.copySheet(g);
    else this.drawLayout(g, this.x, this.y, this.width, this.height);
    this.moving = false;
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.globalAlpha = 1;
    if (!this.bare) {
      this.drawMark(g);
      this.drawRuler(g);
      this.drawScaleBar(g);
      this.tell();
      if (this.watch) this.watch();
    }
  }

  // The layout from a lower left corner on, as far as a width and height in CSS pixels reach.
  drawLayout(g, left, bottom, width, height) {
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    g.globalAlpha = 1;
    g.fillStyle = this.paper;
    g.fillRect(0, 0, width, height);
    const window = [left, bottom, left + width / this.scale, bottom + height / this.scale];
    this.drawCell(g, this.top, 0, 0, 0, {scale: this.scale, left, bottom, height, window});
  }

  // The view out of the sheet, at whole pixels; the sheet is drawn anew where the view has left it.
  copySheet(g) {
    const key = [this.scale, this.ratio, this.width, this.height, this.paper].join();
    const place = (sheet) => [(sheet.left - this.x) * this.scale * this.ratio,
                              (this.y + this.height / this.scale - sheet.top) * this.scale * this.ratio];
    const covers = (sheet) => {
      const [x, y] = place(sheet);
      return x < 0.5 && y < 0.5 && x + sheet.canvas.width > this.canvas.width - 0.5
        && y + sheet.canvas.height > this.canvas.height - 0.5;
    };
    if (!this.sheet || this.sheet.key !== key || !covers(this.sheet)) {
      const canvas = this.sheet ? this.sheet.canvas : document.createElement("canvas");
      const width = this.width + 2 * SHEET_MARGIN, height = this.height + 2 * SHEET_MARGIN;
      const left = this.x - SHEET_MARGIN / this.scale, bottom = this.y - SHEET_MARGIN / this.scale;
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
      this.drawLayout(canvas.getContext("2d", {alpha: false}), left, bottom, width, height);
      this.sheet = {canvas, key, left, top: bottom + height / this.scale};
    }
    const [x, y] = place(this.sheet);
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.globalAlpha = 1;
    g.drawImage(this.sheet.canvas, Math.round(x), Math.round(y));
  }

  // A box of the layout as the address of a picture.
  picture(box, width) {
    const canvas = document.createElement("canvas"), scale = width / (box[2] - box[0]);
    canvas.width = Math.ceil(width);
    canvas.height = Math.ceil((box[3] - box[1]) * scale);
    const g = canvas.getContext("2d");
    g.fillStyle = getComputedStyle(this.canvas).backgroundColor;
    g.fillRect(0, 0, canvas.width, canvas.height);
    this.drawCell(g, this.top, 0, 0, 0, {scale, left: box[0], bottom: box[1], height: canvas.height, window: box});
    return canvas.toDataURL();
  }

  // view: {scale, left, bottom, height, window}; the same code draws the screen and the picture of one cell.
  drawCell(g, number, x, y, turn, view) {
    const cell = this.data.cells[number];
    for (const [layer, shapes] of cell.shapes || []) {
      if (this.layers[layer].shown) this.drawShapes(g, this.layers[layer], shapes, x, y, turn, view);
    }
    for (const [layer, width, points] of cell.lines || []) {
      if (this.layers[layer].shown) this.drawLine(g, this.layers[layer], width, points, x, y, turn, view);
    }
    for (const place of cell.places || []) this.drawPlace(g, place, x, y, turn, view);
  }

  drawShapes(g, layer, shapes, x, y, turn, view) {
    const [wx0, wy0, wx1, wy1] = view.window;
    g.fillStyle = layer.colour;
    g.strokeStyle = layer.colour;
    g.lineWidth = 1;
    for (const shape of shapes) {
      const box = moved(turnedBox(boxOf(shape), turn), x, y);
      if (box[0] > wx1 || box[2] < wx0 || box[1] > wy1 || box[3] < wy0) continue;
      const width = (box[2] - box[0]) * view.scale, height = (box[3] - box[1]) * view.scale;
      const outlined = !this.solid && !view.tile && Math.min(width, height) > 5;
      g.globalAlpha = this.solid ? 1 : 0.5;
      if (shape.length === 4) {
        // clipped to the view: canvas loses precision far outside it
        const px0 = Math.max((box[0] - view.left) * view.scale, -50);
        const px1 = Math.min((box[2] - view.left) * view.scale, (wx1 - view.left) * view.scale + 50);
        const py0 = Math.max(view.height - (box[3] - view.bottom) * view.scale, -50);
        const py1 = Math.min(view.height - (box[1] - view.bottom) * view.scale, view.height + 50);
        g.fillRect(px0, py0, px1 - px0, py1 - py0);
        g.globalAlpha = 1;
        if (outlined) g.strokeRect(px0 + 0.5, py0 + 0.5, px1 - px0 - 1, py1 - py0 - 1);
        continue;
      }
      g.beginPath();
      for (let i = 0; i < shape.length; i += 2) {
        const [sx, sy] = turned(shape[i], shape[i + 1], turn);
        g.lineTo((sx + x - view.left) * view.scale, view.height - (sy + y - view.bottom) * view.scale);
      }
      g.closePath();
      g.fill();
      g.globalAlpha = 1;
      if (outlined) g.stroke();
    }
  }

  drawLine(g, layer, width, points, x, y, turn, view) {
    const box = moved(turnedBox(widened(boxOf(points), width / 2), turn), x, y);
    const [wx0, wy0, wx1, wy1] = view.window;
    if (box[0] > wx1 || box[2] < wx0 || box[1] > wy1 || box[3] < wy0) return;
    g.strokeStyle = layer.colour;
    g.globalAlpha = width && !this.solid ? 0.7 : 1;
    g.lineWidth = Math.max(width * view.scale, 1);
    g.beginPath();
    for (let i = 0; i < points.length; i += 2) {
      const [sx, sy] = turned(points[i], points[i + 1], turn);
      g.lineTo((sx + x - view.left) * view.scale, view.height - (sy + y - view.bottom) * view.scale);
    }
    g.stroke();
    g.globalAlpha = 1;
  }

  drawPlace(g, place, x, y, turn, view) {
    const [cell, px, py, ownTurn, columns, rows, dx, dy] = place;
    const inner = this.boxes[cell];
    if (inner[0] > inner[2]) return;
    const all = moved(turnedBox(this.arrayBox(place), turn), x, y), window = view.window;
    if (all[0] > window[2] || all[2] < window[0] || all[1] > window[3] || all[3] < window[1]) return;
    if (Math.max(all[2] - all[0], all[3] - all[1]) * view.scale < 0.4) return;
    const [ox, oy] = turned(px, py, turn), [ax, ay] = turned(dx, 0, turn), [bx, by] = turned(0, dy, turn);
    const sum = (turn + ownTurn) % 4, box = moved(turnedBox(inner, sum), x + ox, y + oy);
    const across = turn % 2 ? [rows, bx, columns, ay] : [columns, ax, rows, by];
    const [i0, i1] = steps(across[0], across[1], window[0] - box[2], window[2] - box[0]);
    const [j0, j1] = steps(across[2], across[3], window[1] - box[3], window[3] - box[1]);
    const seen = (i1 - i0 + 1) * (j1 - j0 + 1);
    if (seen <= 0) return;
    if (seen > 24 && !view.tile && this.drawTiles(g, cell, sum, box, across, [i0, i1, j0, j1], view)) return;
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        this.drawCell(g, cell, x + ox + i * across[1], y + oy + j * across[3], sum, view);
      }
    }
  }

  // An array as a repeated picture of one period; false where its cells are large enough to be drawn themselves.
  drawTiles(g, cell, turn, box, [columns, dx, rows, dy], [i0, i1, j0, j1], view) {
    const width = columns > 1 ? Math.abs(dx) : box[2] - box[0];
    const height = rows > 1 ? Math.abs(dy) : box[3] - box[1];
    const pw = width * view.scale, ph = height * view.scale;
    if (pw * ph > 25600 || Math.max(pw, ph) > 4096) return false;
    const reach = box[2] - box[0] > width * 1.001 || box[3] - box[1] > height * 1.001 ? 1 : 0;
    const tw = Math.max(1, Math.round(pw * this.ratio)), th = Math.max(1, Math.round(ph * this.ratio));
    const key = `${cell}/${turn}/${tw}/${th}/${this.solid}`;
    let tile = this.tiles.get(key);
    if (!tile) {
      tile = this.tileOf(cell, turn, box, width, height, tw, th, reach);
      if (this.tiles.size > 200) this.tiles.clear();
      this.tiles.set(key, tile);
    }
    const x0 = box[0] + Math.min(i0 * dx, i1 * dx), y0 = box[1] + Math.min(j0 * dy, j1 * dy);
    const x1 = x0 + (i1 - i0 + 1) * width, y1 = y0 + (j1 - j0 + 1) * height;
    const left = (x0 - view.left) * view.scale, topEdge = view.height - (y1 - view.bottom) * view.scale;
    g.globalAlpha = 1;
    const across = (x1 - x0) * view.scale, along = (y1 - y0) * view.scale;
    if ((tw === 1 && j0 === j1) || (th === 1 && i0 === i1) || (tw === 1 && th === 1)) {
      // one pixel stands for all: stretched, many times quicker than a pattern
      g.drawImage(tile, left, topEdge, across, along);
      return true;
    }
    const pattern = g.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix([pw / tw, 0, 0, ph / th, left, topEdge]));
    g.fillStyle = pattern;
    g.fillRect(left, topEdge, across, along);
    return true;
  }

  tileOf(cell, turn, box, width, height, tw, th, reach) {
    const tile = document.createElement("canvas");
    tile.width = tw;
    tile.height = th;
    const g = tile.getContext("2d"), scale = tw / width;
    g.setTransform(1, 0, 0, (th / height) / scale, 0, 0);
    const own = turnedBox(this.boxes[cell], turn);
    for (let j = -reach; j <= reach; j++) {
      for (let i = -reach; i <= reach; i++) {
        const view = {scale, left: 0, bottom: 0, height: height * scale, tile: true,
                      window: [-width, -height, 2 * width, 2 * height]};
        this.drawCell(g, cell, i * width - own[0], j * height - own[1], turn, view);
      }
    }
    return tile;
  }

  drawMark(g) {
    if (!this.mark) return;
    const [x0, y1] = this.toScreen(this.mark[0], this.mark[1]), [x1, y0] = this.toScreen(this.mark[2], this.mark[3]);
    g.lineWidth = 2;
    g.strokeStyle = this.ink;
    g.setLineDash([6, 4]);
    g.strokeRect(x0 - 6, y0 - 6, x1 - x0 + 12, y1 - y0 + 12);
    g.setLineDash([]);
  }

  drawRuler(g) {
    if (!this.ruler) return;
    const from = this.toScreen(...this.ruler.from), to = this.toScreen(...this.ruler.to);
    g.strokeStyle = this.ink;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(...from);
    g.lineTo(...to);
    g.stroke();
    for (const [x, y] of [from, to]) { g.beginPath(); g.arc(x, y, 3, 0, 7); g.stroke(); }
    this.label(g, this.measured(), (from[0] + to[0]) / 2 + 8, (from[1] + to[1]) / 2 - 8);
  }

  measured() {
    const [x0, y0] = this.ruler.from, [x1, y1] = this.ruler.to;
    const dx = Math.abs(x1 - x0), dy = Math.abs(y1 - y0);
    return `${this.length(Math.hypot(dx, dy))}  (${this.length(dx)}, ${this.length(dy)})`;
  }

  drawScaleBar(g) {
    const most = 140 / this.scale * this.data.unit_nm, power = 10 ** Math.floor(Math.log10(most));
    const nm = [5, 2, 1].map((step) => step * power).find((step) => step <= most);
    const width = nm / this.data.unit_nm * this.scale, x = 14, y = this.height - 16;
    g.strokeStyle = this.ink;
    g.lineWidth = 1.5;
    g.beginPath();
    g.moveTo(x, y - 5);
    g.lineTo(x, y);
    g.lineTo(x + width, y);
    g.lineTo(x + width, y - 5);
    g.stroke();
    this.label(g, nm >= 1e6 ? `${nm / 1e6} mm` : `${nm / 1e3} µm`, x + 6, y - 6);
  }

  label(g, text, x, y) {
    g.font = "12px system-ui, sans-serif";
    const width = g.measureText(text).width;
    g.globalAlpha = 0.85;
    g.fillStyle = this.paper;
    g.fillRect(x - 3, y - 12, width + 6, 16);
    g.globalAlpha = 1;
    g.fillStyle = this.ink;
    g.fillText(text, x, y);
  }

  length(units) {
    const um = units * this.data.unit_nm / 1000;
    return um >= 1000 ? `${(um / 1000).toFixed(3)} mm` : `${um.toFixed(um < 100 ? 2 : 1)} µm`;
  }

  // ---- what is where ---------------------------------------------------------------------------------------------

  // Calls back for every shape shown whose box meets a window: (layer, box, names of the cells down to it, a function
  // that says whether the shape holds a point).
  walk(window, found, number = this.top, x = 0, y = 0, turn = 0, path = []) {
    const cell = this.data.cells[number];
    for (const [layer, shapes] of cell.shapes || []) {
      if (!this.layers[layer].shown) continue;
      for (const shape of shapes) {
        const box = moved(turnedBox(boxOf(shape), turn), x, y);
        if (meet(box, window)) found(layer, box, path, (px, py) => inside(shape, ...turned(px - x, py - y, (4 - turn) % 4)));
      }
    }
    for (const place of cell.places || []) {
      const [child, px, py, ownTurn, columns, rows, dx, dy] = place;
      if (this.boxes[child][0] > this.boxes[child][2]) continue;
      const [ox, oy] = turned(px, py, turn), sum = (turn + ownTurn) % 4;
      const box = moved(turnedBox(this.boxes[child], sum), x + ox, y + oy);
      const [ax, ay] = turned(dx, 0, turn), [bx, by] = turned(0, dy, turn);
      const across = turn % 2 ? [rows, bx, columns, ay] : [columns, ax, rows, by];
      const [i0, i1] = steps(across[0], across[1], window[0] - box[2], window[2] - box[0]);
      const [j0, j1] = steps(across[2], across[3], window[1] - box[3], window[3] - box[1]);
      for (let j = j0; j <= j1; j++) {
        for (let i = i0; i <= i1; i++) {
          const name = this.data.cells[child].name + (columns * rows > 1 ? ` [${i + 1}, ${j + 1}]` : "");
          this.walk(window, found, child, x + ox + i * across[1], y + oy + j * across[3], sum, [...path, name]);
        }
      }
    }
  }

  // The point, moved to the nearest edges within 8 pixels.
  snapped([x, y]) {
    const reach = 8 / this.scale;
    let bestX = reach, bestY = reach, sx = x, sy = y, left = 4000;
    this.walk([x - reach, y - reach, x + reach, y + reach], (layer, box) => {
      if (left-- < 0) return;
      for (const edge of [box[0], box[2]]) if (Math.abs(edge - x) < bestX) { bestX = Math.abs(edge - x); sx = edge; }
      for (const edge of [box[1], box[3]]) if (Math.abs(edge - y) < bestY) { bestY = Math.abs(edge - y); sy = edge; }
    });
    return [sx, sy];
  }

  tell() {
    if (!this.status) return;
    const [px, py] = this.cursor || [this.width / 2, this.height / 2], [x, y] = this.toLayout(px, py);
    const mm = (units) => (units * this.data.unit_nm / 1e6).toFixed(3);
    let names = [], layers = new Set(), left = 400;
    const half = 0.5 / this.scale;
    if (Number.isFinite(half)) {
      this.walk([x - half, y - half, x + half, y + half], (layer, box, path, holds) => {
        if (left-- < 0 || !holds(x, y)) return;
        layers.add(this.layers[layer].name);
        if (path.length > names.length) names = path;
      });
    }
    const place = names.filter((name) => name !== "REPEAT").join(" › ");
    const ruler = this.ruler ? `  ·  ${this.measured()}` : "";
    this.status.textContent = `x ${mm(x)} mm, y ${mm(y)} mm${ruler}` + (place ? `  ·  ${place}` : "")
      + (layers.size ? `  ·  ${[...layers].join(", ")}` : "");
  }

  // ---- input -----------------------------------------------------------------------------------------------------

  listen() {
    const canvas = this.canvas;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return;   // the page scrolls until the viewer is used
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...at(event));
    }, {passive: false});
    canvas.addEventListener("pointerdown", (event) => {
      canvas.focus({preventScroll: true});
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, at(event));
      if (this.measuring && this.pointers.size === 1) {
        const point = this.snapped(this.toLayout(...at(event)));
        this.ruler = {from: point, to: point};
      }
    });
    canvas.addEventListener("pointermove", (event) => {
      this.cursor = at(event);
      const before = this.pointers.get(event.pointerId);
      if (before) {
        this.pointers.set(event.pointerId, this.cursor);
        this.dragged(event.pointerId, before, this.cursor);
      } else {
        this.tell();
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", () => { this.cursor = null; });
    canvas.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.key(event.key, event.shiftKey)) {
        event.preventDefault();
      }
    });
    canvas.addEventListener("dblclick", (event) => this.zoom(2, ...at(event)));
  }

  dragged(id, before, now) {
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([key]) => key !== id)[1];
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      const is = Math.hypot(now[0] - other[0], now[1] - other[1]);
      this.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
      if (was > 0) this.zoom(is / was, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (this.measuring && this.ruler) {
      this.ruler.to = this.snapped(this.toLayout(...now));
      this.redraw();
    } else {
      this.pan(now[0] - before[0], now[1] - before[1]);
    }
  }

  // One key; true where it means something here.
  key(key, shift) {
    const step = shift ? 200 : 50;
    const moves = {ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]};
    if (moves[key]) {
      this.pan(...moves[key]);
      if (this.ruler && this.ruler.following) this.ruler.to = this.toLayout(this.width / 2, this.height / 2);
    } else if (key === "+" || key === "=") this.zoom(1.4);
    else if (key === "-" || key === "_") this.zoom(1 / 1.4);
    else if (key === "0" || key === "Home") this.show(this.boxes[this.top]);
    else if (key === "m" || key === "M") this.measureByKey();
    else if (key === "Escape") { this.ruler = null; this.mark = null; this.redraw(); }
    else if (/^[1-9]$/.test(key) && this.data.views[key - 1]) this.show(this.box(key - 1));
    else return false;
    return true;
  }

  // From the middle of the view: the first press starts, the arrows move, the second press ends.
  measureByKey() {
    const middle = this.snapped(this.toLayout(this.width / 2, this.height / 2));
    if (this.ruler && this.ruler.following) this.ruler = {from: this.ruler.from, to: middle};
    else this.ruler = {from: middle, to: middle, following: true};
    this.redraw();
  }
}

function boxOf(shape) {
  if (shape.length === 4 && shape[0] <= shape[2] && shape[1] <= shape[3]) return shape;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < shape.length; i += 2) grow(box, [shape[i], shape[i + 1], shape[i], shape[i + 1]]);
  return box;
}

function inside(shape, x, y) {
  if (shape.length === 4) return x >= shape[0] && x <= shape[2] && y >= shape[1] && y <= shape[3];
  let odd = false;
  for (let i = 0, j = shape.length - 2; i < shape.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [shape[i], shape[i + 1], shape[j], shape[j + 1]];
    if (yi > y !== yj > y && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

function grow(box, other) {
  box[0] = Math.min(box[0], other[0]);
  box[1] = Math.min(box[1], other[1]);
  box[2] = Math.max(box[2], other[2]);
  box[3] = Math.max(box[3], other[3]);
}

function widened(box, by) { return [box[0] - by, box[1] - by, box[2] + by, box[3] + by]; }

function moved(box, x, y) { return [box[0] + x, box[1] + y, box[2] + x, box[3] + y]; }

function meet(a, b) { return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]; }

function turned(x, y, turn) {
  return turn === 0 ? [x, y] : turn === 1 ? [-y, x] : turn === 2 ? [-x, -y] : [y, -x];
}

function turnedBox(box, turn) {
  if (turn === 0) return box;
  const [x0, y0] = turned(box[0], box[1], turn), [x1, y1] = turned(box[2], box[3], turn);
  return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
}

// First and last i of 0 .. count - 1 with low <= i * pitch <= high.
function steps(count, pitch, low, high) {
  if (count === 1 || pitch === 0) return low <= 0 && high >= 0 ? [0, count - 1] : [0, -1];
  const a = low / pitch, b = high / pitch;
  return [Math.max(0, Math.ceil(Math.min(a, b))), Math.min(count - 1, Math.floor(Math.max(a, b)))];
}
