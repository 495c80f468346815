// What a page keeps over a reload, per item, and what it keeps from item to item.

const PREFERENCES = "mtrs-geo-audit-view";
const IDLE_MS = 60_000;

function read(store, name) {
  try {
    return JSON.parse(store.getItem(name)) ?? null;
  } catch {
    return null;
  }
}

function write(store, name, value) {
  try {
    store.setItem(name, JSON.stringify(value));
  } catch {
    // Without storage nothing is kept, and the page works.
  }
}

export class Kept {
  constructor(item, round) {
    this.name = `mtrs-geo-audit-item-${item}`;
    this.values = read(sessionStorage, this.name) ?? {};
    // Answers are about one round.
    if (this.values.round !== round) {
      const { view, notice, seconds } = this.values;
      this.values = { view, notice, seconds, round };
    }
  }

  get(name) {
    return this.values[name] ?? null;
  }

  set(name, value) {
    this.values[name] = value;
    write(sessionStorage, this.name, this.values);
  }

  clear() {
    this.values = {};
    sessionStorage.removeItem(this.name);
  }

  preferred() {
    return read(localStorage, PREFERENCES) ?? {};
  }

  prefer(values) {
    write(localStorage, PREFERENCES, values);
  }
}

// Counts the seconds in which the page is seen and used.
export class Stopwatch {
  constructor(kept) {
    this.seconds = kept.get("seconds") ?? 0;
    let used = Date.now();
    for (const name of ["pointermove", "pointerdown", "keydown", "wheel"]) {
      document.addEventListener(name, () => { used = Date.now(); }, { passive: true });
    }
    let last = Date.now();
    const count = () => {
      const now = Date.now();
      if (!document.hidden && now - used < IDLE_MS) this.seconds += (now - last) / 1000;
      last = now;
    };
    setInterval(count, 250);
    addEventListener("pagehide", () => kept.values.round !== undefined && kept.set("seconds", this.seconds));
  }
}
