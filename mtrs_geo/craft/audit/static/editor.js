// Brush, eraser and polygon.  Every stroke is sent at once; the server draws the mask.

import { arrow } from "./navigation.js";
import { newKey } from "./outbox.js";

const RADII = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];
const CLOSE_PX = 10;
const MOST_POINTS = 4000;
const HELP = {
  brush: "Draw with the mouse, or move with the arrow keys; Space puts the brush down and up.",
  eraser: "Draw with the mouse, or move with the arrow keys; Space puts the eraser down and up.",
  polygon: "Click the corners, or move with the arrow keys and press Space; Enter closes, Backspace removes a corner.",
};

export class Editor {
  // `send(body)` resolves with {active, redo} or null; `changed()` is called after each change.
  constructor(viewer, strokes, send, changed) {
    Object.assign(this, { viewer, strokes, send, changed });
    this.tool = null;
    this.radius = 6;
    this.cursor = null;
    this.stroke = null;
    this.corners = [];
    this.pending = [];
    this.confirmed = strokes.active;
    this.underWay = 0;
    viewer.overlays.push((context, pane) => this.drawCursor(context, pane));
    viewer.drawPending = (context, pane) => this.drawStrokes(context, pane);
    const { canvas } = viewer;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.up());
    canvas.addEventListener("pointercancel", () => this.up());
  }

  get help() {
    return this.tool ? HELP[this.tool] : "";
  }

  setTool(tool) {
    this.finish();
    this.corners = [];
    this.tool = tool;
    if (tool) this.viewer.canvas.style.cursor = "crosshair";
    if (tool && !this.cursor) this.cursor = { x: this.viewer.view.x, y: this.viewer.view.y };
    this.changed();
    this.viewer.draw();
  }

  setRadius(step) {
    const at = RADII.findIndex((radius) => radius >= this.radius);
    this.radius = RADII[Math.min(Math.max(at + step, 0), RADII.length - 1)];
    this.changed();
    this.viewer.draw();
  }

  down(event) {
    if (!this.tool || event.button !== 0) return;
    event.preventDefault();
    this.viewer.canvas.setPointerCapture(event.pointerId);
    this.cursor = this.viewer.toImage(event);
    if (this.tool === "polygon") this.addCorner();
    else this.begin();
  }

  move(event) {
    if (!this.tool) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) this.moveTo(this.viewer.toImage(step));
  }

  up() {
    if (this.tool !== "polygon") this.finish();
  }

  begin() {
    this.stroke = { tool: this.tool, radius_px: this.radius, points: [[this.cursor.x, this.cursor.y]] };
    this.viewer.draw();
  }

  moveTo(point) {
    this.cursor = point;
    if (this.stroke) {
      const [x, y] = this.stroke.points.at(-1);
      const isFar = Math.hypot(point.x - x, point.y - y) > Math.max(this.radius / 6, 0.25);
      if (isFar) this.stroke.points.push([point.x, point.y]);
      if (this.stroke.points.length >= MOST_POINTS) {
        this.finish();
        this.begin();
      }
    }
    this.viewer.draw();
  }

  addCorner() {
    const first = this.corners[0];
    const isClosing = this.corners.length > 2 &&
      Math.hypot(this.cursor.x - first[0], this.cursor.y - first[1]) * this.viewer.view.zoom < CLOSE_PX;
    if (isClosing) this.closePolygon();
    else this.corners.push([this.cursor.x, this.cursor.y]);
    this.changed();
    this.viewer.draw();
  }

  closePolygon() {
    const points = this.corners;
    this.corners = [];
    if (points.length > 2) this.store({ tool: "polygon", radius_px: 0, points });
    this.changed();
    this.viewer.draw();
  }

  finish() {
    const { stroke } = this;
    this.stroke = null;
    if (stroke) this.store(stroke);
  }

  async store(stroke) {
    const key = newKey();
    this.pending.push({ key, stroke });
    this.strokes = { active: [...this.strokes.active, key], redo: null };
    this.changed();
    await this.exchange({ action: "add", key, stroke });
  }

  async undo() {
    if (this.corners.length) {
      this.corners.pop();
      this.changed();
      this.viewer.draw();
      return;
    }
    const key = this.strokes.active.at(-1);
    if (!key) return;
    this.strokes = { active: this.strokes.active.slice(0, -1), redo: key };
    this.changed();
    await this.exchange({ action: "undo", key });
  }

  async redo() {
    const key = this.strokes.redo;
    if (!key) return;
    this.strokes = { active: [...this.strokes.active, key], redo: null };
    this.changed();
    await this.exchange({ action: "redo", key });
  }

  async exchange(body) {
    this.underWay += 1;
    const answer = await this.send(body);
    this.underWay -= 1;
    if (!answer) return;
    this.confirmed = answer.active;
    if (!this.underWay) this.strokes = answer;
    this.changed();
  }

  // Forgets strokes that the server's mask shows.
  shown(keys) {
    this.pending = this.pending.filter((entry) => !keys.includes(entry.key));
    this.changed(false);
  }

  // Returns whether a key was taken.
  key(key, event) {
    if (!this.tool) return false;
    const step = arrow(key);
    if (step) {
      const length = Math.max((event.shiftKey ? 32 : 4) / this.viewer.view.zoom, 1);
      this.moveTo({ x: this.cursor.x + step[0] * length, y: this.cursor.y + step[1] * length });
      this.keepInView();
      return true;
    }
    if (key === " ") {
      if (this.tool === "polygon") this.addCorner();
      else if (this.stroke) this.finish();
      else this.begin();
      return true;
    }
    if (key === "Backspace" && this.corners.length) {
      this.undo();
      return true;
    }
    if (key === "Enter" && this.corners.length > 2) {
      this.closePolygon();
      return true;
    }
    return false;
  }

  keepInView() {
    const pane = this.viewer.panes()[0];
    const at = this.viewer.toPane(pane, this.cursor);
    const isInside = at.x > 0 && at.y > 0 && at.x < pane.width && at.y < pane.height;
    if (isInside) return;
    this.viewer.view.x = this.cursor.x;
    this.viewer.view.y = this.cursor.y;
    this.viewer.moved();
  }

  drawStrokes(context, pane) {
    const pending = this.pending.filter((entry) => this.strokes.active.includes(entry.key));
    const strokes = pending.map((entry) => entry.stroke);
    for (const stroke of this.stroke ? [...strokes, this.stroke] : strokes) {
      context.save();
      context.globalCompositeOperation = stroke.tool === "eraser" ? "destination-out" : "source-over";
      this.trace(context, pane, stroke.points);
      if (stroke.tool === "polygon") context.fill("evenodd");
      else {
        context.lineCap = context.lineJoin = "round";
        context.lineWidth = 2 * stroke.radius_px * this.viewer.scale;
        context.stroke();
      }
      context.restore();
    }
  }

  trace(context, pane, points) {
    context.beginPath();
    points.forEach(([x, y], index) => {
      const at = this.viewer.toPane(pane, { x, y });
      if (index === 0) context.moveTo(at.x, at.y);
      context.lineTo(at.x, at.y);
    });
  }

  drawCursor(context, pane) {
    if (!this.tool || !this.cursor) return;
    const { ratio, scale } = this.viewer;
    const at = this.viewer.toPane(pane, this.cursor);
    context.save();
    for (const [color, width] of [["#000", 3], ["#fff", 1.4]]) {
      context.strokeStyle = color;
      context.lineWidth = width * ratio;
      if (this.corners.length) {
        this.trace(context, pane, [...this.corners, [this.cursor.x, this.cursor.y]]);
        context.stroke();
      }
      context.beginPath();
      const radius = this.tool === "polygon" ? 4 * ratio : Math.max(this.radius * scale, 2);
      context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
      context.moveTo(at.x - 3 * ratio, at.y);
      context.lineTo(at.x + 3 * ratio, at.y);
      context.moveTo(at.x, at.y - 3 * ratio);
      context.lineTo(at.x, at.y + 3 * ratio);
      context.stroke();
    }
    context.restore();
  }
}
