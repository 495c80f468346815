// Both dates and the mask, drawn with one centre and zoom in every mode.

const FILL = "#ff2e93";
const OUTLINE = "#ffe600";
const BLINK_MS = 800;
const STILL = "(prefers-reduced-motion: reduce)";
const MOST_TILES = 300;
const RING = [[1, 0], [-1, 0], [0, 1], [0, -1], [0.7, 0.7], [-0.7, 0.7], [0.7, -0.7], [-0.7, -0.7]];

export class Viewer {
  // `pair` as the page has it.  `overlays` are functions that draw above a pane.
  constructor(canvas, pair) {
    this.canvas = canvas;
    this.pair = pair;
    this.context = canvas.getContext("2d");
    this.view = { x: pair.cols / 2, y: pair.rows / 2, zoom: 0 };
    this.mode = "swipe";
    this.divider = 0.5;
    this.showsAfter = true;
    this.isBlinking = !matchMedia(STILL).matches;
    this.fill = true;
    this.outline = true;
    this.opacity = 0.45;
    this.mask = null;
    this.tiles = new Map();
    this.overlays = [];
    this.drawPending = null;
    this.changed = () => {};
    this.ratio = 1;
    this.isPlanned = false;
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
    setInterval(() => this.blink(), BLINK_MS);
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    if (!box.width || !box.height) return;
    this.ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(box.width * this.ratio);
    this.canvas.height = Math.round(box.height * this.ratio);
    if (!this.view.zoom) this.fit();
    this.draw();
  }

  // Panes in pixels of the canvas.
  panes() {
    const { width, height } = this.canvas;
    if (this.mode !== "side") return [{ x: 0, y: 0, width, height, date: null }];
    const half = Math.floor((width - 2 * this.ratio) / 2);
    return [
      { x: 0, y: 0, width: half, height, date: "before" },
      { x: width - half, y: 0, width: half, height, date: "after" },
    ];
  }

  // Device pixels per image pixel.
  get scale() {
    return this.view.zoom * this.ratio;
  }

  fit(box = null) {
    const [row, col, rowEnd, colEnd] = box ?? [0, 0, this.pair.rows, this.pair.cols];
    const pane = this.panes()[0];
    const margin = box ? 2.5 : 1;
    const zoom = Math.min(pane.width / (colEnd - col), pane.height / (rowEnd - row)) / this.ratio / margin;
    this.view = { x: (col + colEnd) / 2, y: (row + rowEnd) / 2, zoom: this.limit(zoom) };
    this.moved();
  }

  limit(zoom) {
    const whole = Math.min(this.canvas.width / this.pair.cols, this.canvas.height / this.pair.rows);
    return Math.min(Math.max(zoom, whole / this.ratio / 4), 40);
  }

  zoomBy(factor, at = null) {
    const zoom = this.limit(this.view.zoom * factor);
    const used = zoom / this.view.zoom;
    if (at) {
      this.view.x = at.x + (this.view.x - at.x) / used;
      this.view.y = at.y + (this.view.y - at.y) / used;
    }
    this.view.zoom = zoom;
    this.moved();
  }

  // Moves by pixels of the screen.
  pan(dx, dy) {
    const { rows, cols } = this.pair;
    this.view.x = Math.min(Math.max(this.view.x + dx / this.view.zoom, 0), cols);
    this.view.y = Math.min(Math.max(this.view.y + dy / this.view.zoom, 0), rows);
    this.moved();
  }

  moved() {
    this.changed();
    this.draw();
  }

  setMode(mode) {
    this.mode = mode;
    this.isBlinking = !matchMedia(STILL).matches;
    this.moved();
  }

  // Shows the other date by hand, which ends blinking by time.
  toggleDate() {
    this.isBlinking = false;
    this.showsAfter = !this.showsAfter;
    this.moved();
  }

  blink() {
    if (this.mode !== "blink" || !this.isBlinking || document.hidden) return;
    this.showsAfter = !this.showsAfter;
    this.draw();
  }

  moveDivider(share) {
    this.divider = Math.min(Math.max(share, 0), 1);
    this.moved();
  }

  // From an event's position to pixels of the image.
  toImage(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.ratio;
    const y = (event.clientY - box.top) * this.ratio;
    const pane = this.panes().find((p) => x >= p.x && x < p.x + p.width) ?? this.panes()[0];
    return {
      x: (x - pane.x - pane.width / 2) / this.scale + this.view.x,
      y: (y - pane.y - pane.height / 2) / this.scale + this.view.y,
    };
  }

  toPane(pane, point) {
    return {
      x: (point.x - this.view.x) * this.scale + pane.width / 2,
      y: (point.y - this.view.y) * this.scale + pane.height / 2,
    };
  }

  draw() {
    if (this.isPlanned) return;
    this.isPlanned = true;
    requestAnimationFrame(() => {
      this.isPlanned = false;
      this.drawNow();
    });
  }

  drawNow() {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#1b1f23";
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (const pane of this.panes()) {
      context.save();
      context.beginPath();
      context.rect(pane.x, pane.y, pane.width, pane.height);
      context.clip();
      context.translate(pane.x, pane.y);
      this.drawDates(pane);
      this.drawMask(pane);
      for (const overlay of this.overlays) overlay(context, pane);
      context.restore();
    }
    this.drawn?.();
  }

  drawDates(pane) {
    if (this.mode === "swipe") {
      const edge = Math.round(this.divider * pane.width);
      this.drawPart("before", pane, 0, edge);
      this.drawPart("after", pane, edge, pane.width);
      this.context.fillStyle = "#fff";
      this.context.fillRect(edge - this.ratio, 0, 2 * this.ratio, pane.height);
    } else {
      const date = pane.date ?? (this.showsAfter ? "after" : "before");
      this.drawPart(date, pane, 0, pane.width);
    }
  }

  drawPart(date, pane, left, right) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, pane.height);
    context.clip();
    const address = (level, row, col) =>
      `/pairs/${this.pair.id}/${date}/${level}/${row}/${col}.png?v=${this.pair[date]}`;
    this.drawTiles(context, pane, address);
    context.restore();
  }

  // Draws the tiles of a pane; until one is there, a coarser one takes its place.
  drawTiles(context, pane, address) {
    const { levels, tile, rows, cols } = this.pair;
    const level = Math.min(Math.max(Math.floor(-Math.log2(this.scale) + 0.2), 0), levels - 1);
    const side = tile * 2 ** level;
    const first = { x: this.view.x - pane.width / 2 / this.scale, y: this.view.y - pane.height / 2 / this.scale };
    const last = { x: first.x + pane.width / this.scale, y: first.y + pane.height / this.scale };
    context.imageSmoothingEnabled = this.scale < 2;
    let isWhole = true;
    for (let row = Math.max(Math.floor(first.y / side), 0); row * side < Math.min(last.y, rows); row++) {
      for (let col = Math.max(Math.floor(first.x / side), 0); col * side < Math.min(last.x, cols); col++) {
        const image = this.tile(address(level, row, col));
        if (image) this.drawTile(context, pane, image, level, row, col);
        else {
          isWhole = false;
          this.drawCoarser(context, pane, address, level, row, col);
        }
      }
    }
    return isWhole;
  }

  drawTile(context, pane, image, level, row, col) {
    const size = 2 ** level;
    const corner = this.toPane(pane, { x: col * this.pair.tile * size, y: row * this.pair.tile * size });
    const width = image.naturalWidth * size * this.scale;
    const height = image.naturalHeight * size * this.scale;
    context.drawImage(image, corner.x, corner.y, width, height);
  }

  drawCoarser(context, pane, address, level, row, col) {
    for (let up = level + 1; up < this.pair.levels; up++) {
      const shift = up - level;
      const image = this.known(address(up, row >> shift, col >> shift));
      if (!image) continue;
      const side = this.pair.tile * 2 ** level * this.scale;
      const corner = this.toPane(pane, { x: col * this.pair.tile * 2 ** level, y: row * this.pair.tile * 2 ** level });
      context.save();
      context.beginPath();
      context.rect(corner.x, corner.y, side, side);
      context.clip();
      this.drawTile(context, pane, image, up, row >> shift, col >> shift);
      context.restore();
      return;
    }
  }

  known(address) {
    const image = this.tiles.get(address);
    return image?.complete && image.naturalWidth ? image : null;
  }

  tile(address) {
    if (!this.tiles.has(address)) {
      const image = new Image();
      image.onload = () => this.draw();
      image.onerror = () => this.failed?.();
      image.src = address;
      this.tiles.set(address, image);
      if (this.tiles.size > MOST_TILES) this.tiles.delete(this.tiles.keys().next().value);
    }
    return this.known(address);
  }

  // `mask` has `address(level, row, col)`; `pending(context, pane)` draws strokes that are not in it.
  setMask(mask) {
    const before = this.mask;
    this.mask = mask;
    if (before && !mask.old) mask.old = before.isShown ? { ...before, old: null } : before.old;
    this.draw();
  }

  drawMask(pane) {
    if (!this.mask || (!this.fill && !this.outline)) return;
    const area = layer(this, "area", pane);
    const isWhole = this.drawTiles(area, pane, this.mask.address);
    if (isWhole) {
      this.mask.isShown = true;
      this.mask.old = null;
      this.mask.shown?.();
    } else if (this.mask.old) {
      area.clearRect(0, 0, pane.width, pane.height);
      this.drawTiles(area, pane, this.mask.old.address);
    }
    this.drawPending?.(area, pane);
    if (this.fill) this.stamp(area.canvas, FILL, this.opacity, pane);
    if (this.outline) this.stamp(this.ring(area.canvas, pane), OUTLINE, 1, pane);
  }

  // Returns what surrounds an area.
  ring(area, pane) {
    const ring = layer(this, "ring", pane);
    for (const [x, y] of RING) ring.drawImage(area, 1.6 * x * this.ratio, 1.6 * y * this.ratio);
    ring.globalCompositeOperation = "destination-out";
    ring.drawImage(area, 0, 0);
    ring.globalCompositeOperation = "source-over";
    return ring.canvas;
  }

  stamp(area, color, opacity, pane) {
    const colored = layer(this, "colored", pane);
    colored.drawImage(area, 0, 0);
    colored.globalCompositeOperation = "source-in";
    colored.fillStyle = color;
    colored.fillRect(0, 0, pane.width, pane.height);
    colored.globalCompositeOperation = "source-over";
    this.context.globalAlpha = opacity;
    this.context.drawImage(colored.canvas, 0, 0);
    this.context.globalAlpha = 1;
  }
}

// Returns the cleared context of a hidden canvas of a pane's size.
function layer(viewer, name, pane) {
  viewer.layers ??= {};
  const canvas = (viewer.layers[name] ??= document.createElement("canvas"));
  if (canvas.width !== pane.width || canvas.height !== pane.height) {
    canvas.width = pane.width;
    canvas.height = pane.height;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}
