// Pan, zoom and the swipe line, by mouse, touch and keys.

const NEAR_PX = 12;
const STEP_PX = 60;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function arrow(key) {
  return ARROWS[key] ?? null;
}

export class Navigation {
  constructor(viewer) {
    this.viewer = viewer;
    this.isOff = () => false;
    this.dragged = null;
    const { canvas } = viewer;
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => { this.dragged = null; });
    }
  }

  wheel(event) {
    event.preventDefault();
    this.viewer.zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), this.viewer.toImage(event));
  }

  isNearDivider(event) {
    const box = this.viewer.canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    return this.viewer.mode === "swipe" && Math.abs(x - this.viewer.divider * box.width) < NEAR_PX;
  }

  down(event) {
    if (this.isOff() && event.button === 0) return;
    this.viewer.canvas.setPointerCapture(event.pointerId);
    const what = event.button === 0 && this.isNearDivider(event) ? "divider" : "view";
    this.dragged = { what, x: event.clientX, y: event.clientY };
  }

  move(event) {
    const { canvas } = this.viewer;
    if (!this.isOff()) canvas.style.cursor = this.isNearDivider(event) ? "ew-resize" : "grab";
    if (!this.dragged) return;
    if (this.dragged.what === "divider") {
      const box = canvas.getBoundingClientRect();
      this.viewer.moveDivider((event.clientX - box.left) / box.width);
    } else {
      this.viewer.pan(this.dragged.x - event.clientX, this.dragged.y - event.clientY);
    }
    this.dragged = { ...this.dragged, x: event.clientX, y: event.clientY };
  }

  // Returns whether a key was taken.
  key(key, event) {
    const step = arrow(key);
    if (step && event.shiftKey && this.viewer.mode === "swipe") {
      this.viewer.moveDivider(this.viewer.divider + 0.02 * step[0]);
      return true;
    }
    if (step) {
      this.viewer.pan(step[0] * STEP_PX, step[1] * STEP_PX);
      return true;
    }
    if (key === " " && this.viewer.mode === "blink") {
      this.viewer.toggleDate();
      return true;
    }
    return false;
  }
}
