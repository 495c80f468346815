// Sends what must not be lost: in order, again after a failure, kept over a reload.

const STORE = "mtrs-geo-audit-outbox";
const WAITS_MS = [300, 1000, 3000, 5000];

export function csrf() {
  return document.querySelector("meta[name=csrf]").content;
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf-token": csrf() },
    body: JSON.stringify(body),
    credentials: "same-origin",
    redirect: "error",
  });
  const text = await answer.text();
  let content = {};
  try {
    content = JSON.parse(text);
  } catch {
    content = { message: text.trim(), advice: "" };
  }
  return { status: answer.status, content };
}

export class Outbox {
  // `report(text)` shows that something waits; `refused(content)` that the server said no.
  constructor(auditor, report, refused) {
    this.store = `${STORE}-${auditor}`;
    this.report = report;
    this.refused = refused;
    this.waiting = new Map();
    this.isSending = false;
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.store) ?? "[]");
    } catch {
      return [];
    }
  }

  write(entries) {
    try {
      localStorage.setItem(this.store, JSON.stringify(entries));
    } catch {
      this.report("This browser stores nothing; keep the page open until all is sent.");
    }
  }

  // Resolves with the server's answer, or with null if it was refused.
  send(address, body) {
    const id = newKey();
    this.write([...this.read(), { id, address, body }]);
    const done = new Promise((resolve) => this.waiting.set(id, resolve));
    this.flush();
    return done;
  }

  async flush() {
    if (this.isSending) return;
    this.isSending = true;
    let attempt = 0;
    for (let entry = this.read()[0]; entry; entry = this.read()[0]) {
      let answer = null;
      try {
        answer = await post(entry.address, entry.body);
      } catch {
        answer = null;
      }
      if (answer === null || answer.status >= 500 || answer.status === 403) {
        this.report(answer?.status === 403
          ? "The server was started again. What you did is kept here: open the address that it printed."
          : "The server does not answer. What you did is kept here and sent again.");
        await new Promise((resolve) =>
          setTimeout(resolve, WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]));
        attempt += 1;
        continue;
      }
      attempt = 0;
      this.report("");
      this.write(this.read().filter((kept) => kept.id !== entry.id));
      const isTaken = answer.status < 300;
      if (!isTaken) this.refused(answer.content);
      this.waiting.get(entry.id)?.(isTaken ? answer.content : null);
      this.waiting.delete(entry.id);
    }
    this.isSending = false;
  }

  // Resolves when nothing waits.
  async settled() {
    while (this.read().length) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
