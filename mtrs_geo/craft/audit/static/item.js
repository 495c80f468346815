// The page of one item: puts viewer, editor, keys and forms together.

import { Editor } from "./editor.js";
import { fillHelp } from "./help.js";
import { listen } from "./keys.js";
import { Navigation } from "./navigation.js";
import { Outbox, post } from "./outbox.js";
import { Kept, Stopwatch } from "./kept.js";
import { Viewer } from "./viewer.js";

const MODES = ["swipe", "blink", "side"];
const TOOLS = ["brush", "eraser", "polygon"];
const QUESTIONS = ["mask_right", "sentence_right", "complete"];
const TYPES = ["appear", "disappear", "state"];

const byId = (id) => document.getElementById(id);
const page = byId("item");
const data = JSON.parse(page.dataset.item);
const query = page.dataset.query;
const address = `/items/${data.item}`;
const kept = new Kept(data.item, data.round);
const stopwatch = new Stopwatch(kept);

function say(text) {
  byId("status").textContent = text;
}

function warn(text) {
  byId("message").textContent = text;
  byId("message").hidden = !text;
}

let isLeaving = false;
// A page that the browser kept for its Back button is out of date.
addEventListener("pageshow", (event) => event.persisted && location.reload());

// A refusal means that this page is out of date: it is loaded again and then shows the reason.
function refuse({ message = "", advice = "" }) {
  const text = `Not stored: ${message} ${advice}`;
  kept.set("notice", text);
  if (!isLeaving) location.reload();
  isLeaving = true;
}

const outbox = new Outbox(data.auditor, warn, refuse);
const viewer = new Viewer(byId("canvas"), data.pair);
const navigation = new Navigation(viewer);
const editor = new Editor(
  viewer,
  data.strokes,
  (body) => outbox.send(`${address}/stroke`, { ...body, round: data.round }),
  (isNew = true) => showEditor(isNew),
);
navigation.isOff = () => editor.tool !== null;
viewer.failed = () => warn("An image cannot be read, or has changed since it was added; see whether the files are where and what they were.");

function press(id, isPressed) {
  byId(id).setAttribute("aria-pressed", String(isPressed));
}

function onClick(id, action) {
  byId(id).addEventListener("click", action);
}

// View: modes, zoom and overlay.

function showView() {
  for (const mode of MODES) press(`mode-${mode}`, viewer.mode === mode);
  press("overlay-fill", viewer.fill);
  press("overlay-outline", viewer.outline);
  byId("opacity").value = Math.round(100 * viewer.opacity);
  byId("zoom-label").textContent = `${Math.round(100 * viewer.view.zoom)} %`;
  const [before, after] = [byId("label-before"), byId("label-after")];
  before.hidden = viewer.mode === "blink" && viewer.showsAfter;
  after.hidden = viewer.mode === "blink" && !viewer.showsAfter;
}

viewer.drawn = showView;
viewer.changed = () => {
  showView();
  kept.set("view", viewer.view);
  const { mode, fill, outline, opacity, divider } = viewer;
  kept.prefer({ mode, fill, outline, opacity, divider, radius: editor.radius });
};

for (const mode of MODES) {
  onClick(`mode-${mode}`, () => {
    viewer.setMode(mode);
    say({ swipe: "Swipe: Shift and the left and right arrow keys move the line.",
          blink: "Blink: Space shows the other date.",
          side: "Side by side: before left, after right." }[mode]);
  });
}
onClick("zoom-in", () => viewer.zoomBy(1.4));
onClick("zoom-out", () => viewer.zoomBy(1 / 1.4));
onClick("zoom-fit", () => viewer.fit());
onClick("zoom-mask", () => viewer.fit(data.box));
for (const part of ["fill", "outline"]) {
  onClick(`overlay-${part}`, () => {
    viewer[part] = !viewer[part];
    viewer.moved();
  });
}
function setOpacity(opacity) {
  viewer.opacity = Math.min(Math.max(opacity, 0), 1);
  viewer.moved();
}
onClick("overlay-less", () => setOpacity(viewer.opacity - 0.1));
onClick("overlay-more", () => setOpacity(viewer.opacity + 0.1));
byId("opacity").addEventListener("input", (event) => setOpacity(event.target.value / 100));

// The mask: that of a round, with the auditor's strokes on the current one.

let shownRound = data.round;

function showMask() {
  const row = data.masks.find((mask) => mask.round === shownRound).mask;
  const keys = shownRound === data.round ? [...editor.confirmed] : [];
  const isDraft = keys.length > 0;
  const version = isDraft ? `draft&v=${row}-${keys.length}-${keys.at(-1)}` : `v=${row}`;
  if (viewer.mask?.version === `${shownRound} ${version}`) return;
  viewer.setMask({
    version: `${shownRound} ${version}`,
    address: (level, r, c) => `${address}/masks/${shownRound}/${level}/${r}/${c}.png?${version}`,
    shown: () => editor.pending.length && editor.shown(keys),
  });
  for (const line of document.querySelectorAll(".history li")) {
    line.classList.toggle("shown", Number(line.dataset.round) === shownRound);
  }
}

onClick("round-next", () => {
  const rounds = data.masks.map((mask) => mask.round);
  shownRound = rounds[(rounds.indexOf(shownRound) + 1) % rounds.length];
  showMask();
  say(`The mask of round ${rounds.indexOf(shownRound) + 1} of ${rounds.length} is shown.`);
});

// Drawing.

function showEditor(isNew) {
  for (const tool of TOOLS) press(`tool-${tool}`, editor.tool === tool);
  const { active, redo } = editor.strokes;
  byId("tool-none").disabled = !editor.tool;
  byId("stroke-undo").disabled = !active.length && !editor.corners.length;
  byId("stroke-redo").disabled = !redo;
  byId("mask-save").disabled = !active.length;
  byId("radius").textContent = editor.radius;
  byId("tool-help").textContent = editor.tool ? editor.help
    : active.length ? `${active.length} strokes, kept but not yet saved as a round` : "";
  if (isNew) showMask();
}

for (const tool of TOOLS) {
  onClick(`tool-${tool}`, () => {
    shownRound = data.round;
    showMask();
    editor.setTool(editor.tool === tool ? null : tool);
    say(editor.tool ? "" : "The tool is put away.");
  });
}
onClick("tool-none", () => editor.setTool(null));
for (const [id, step] of [["radius-less", -1], ["radius-more", 1]]) {
  onClick(id, () => {
    editor.setRadius(step);
    viewer.changed();
  });
}
onClick("stroke-undo", () => editor.undo());
onClick("stroke-redo", () => editor.redo());

// Edits: each one becomes a round, and the page is loaded again with it.

async function sendEdit(change) {
  editor.setTool(null);
  const answer = await outbox.send(`${address}/edit`, { round: data.round, with_strokes: true, ...change });
  return answer?.round ?? null;
}

async function editAndReload(change) {
  if (isLeaving) return;
  const round = await sendEdit(change);
  if (round !== null) {
    isLeaving = true;
    location.reload();
  }
}

onClick("mask-save", () => editAndReload({}));
for (const type of TYPES) {
  onClick(`type-${type}`, () => type === data.type || editAndReload({ change_type: type }));
}

const area = byId("sentence-edit");

function setSentenceEditing(isEditing) {
  area.hidden = byId("sentence-actions").hidden = !isEditing;
  byId("sentence").hidden = byId("sentence-begin").hidden = isEditing;
  if (isEditing) area.focus();
  else kept.set("sentence", null);
}

onClick("sentence-begin", () => {
  area.value = kept.get("sentence") ?? data.sentence;
  setSentenceEditing(true);
});
area.addEventListener("input", () => kept.set("sentence", area.value));
onClick("sentence-save", () => {
  const sentence = area.value;
  setSentenceEditing(false);
  editAndReload({ sentence });
});
onClick("sentence-cancel", () => setSentenceEditing(false));

// Verdicts.

const answers = kept.get("answers") ?? {};

function showAnswers() {
  for (const question of QUESTIONS) {
    press(`${question}-yes`, answers[question] === true);
    press(`${question}-no`, answers[question] === false);
  }
  const isWhole = QUESTIONS.every((question) => question in answers);
  byId("accept").disabled = data.isJudged;
  byId("send").disabled = data.isJudged || !isWhole;
}

for (const question of QUESTIONS) {
  for (const [word, value] of [["yes", true], ["no", false]]) {
    onClick(`${question}-${word}`, () => {
      answers[question] = value;
      kept.set("answers", answers);
      showAnswers();
    });
  }
}
const reason = byId("reason");
reason.value = kept.get("reason") ?? "";
reason.addEventListener("input", () => kept.set("reason", reason.value));

async function sendVerdict(kind) {
  if (isLeaving) return;
  if (kind === "skip" && data.isJudged) {
    location.href = `/next${query}`;
    return;
  }
  if (kind === "verdict" && QUESTIONS.some((q) => answers[q] === false) && !reason.value.trim()) {
    say("Write the reason first.");
    reason.focus();
    return;
  }
  isLeaving = true;
  let { round } = data;
  if (kind === "verdict" && editor.strokes.active.length) round = await sendEdit({});
  const body = { kind, key: data.key, round, seconds: stopwatch.seconds };
  const given = kind === "verdict" ? { ...answers, reason: reason.value } : {};
  const stored = round === null ? null : await outbox.send(`${address}/verdict${query}`, { ...body, ...given });
  if (stored) {
    kept.clear();
    location.href = stored.go;
  } else {
    location.reload();
  }
}

byId("verdict").addEventListener("submit", (event) => event.preventDefault());
onClick("accept", () => {
  for (const question of QUESTIONS) answers[question] = true;
  reason.value = "";
  showAnswers();
  sendVerdict("verdict");
});
onClick("send", () => sendVerdict("verdict"));
onClick("skip", () => sendVerdict("skip"));
byId("undo").disabled = !data.lastKey;
onClick("undo", async () => {
  if (isLeaving) return;
  const answer = await outbox.send(`/undo${query}`, { key: data.lastKey });
  if (answer) location.href = answer.go;
});
byId("gold")?.addEventListener("click", async () => {
  const { content } = await post(`${address}/gold`, {});
  say(content.message);
});

onClick("help", () => byId("keys").showModal());
onClick("keys-close", () => byId("keys").close());
fillHelp(byId("keys-table").tBodies[0]);

listen((key, event) => {
  if (document.querySelector("dialog[open]")) return false;
  if (event.target.id === "reason") {
    if (key === "Escape") reason.blur();
    if (key === "Enter") byId("send").click();
    return key === "Escape" || key === "Enter";
  }
  if (key === "Control+z" || key === "Control+y") {
    byId(key === "Control+z" ? "stroke-undo" : "stroke-redo").click();
    return true;
  }
  return editor.key(key, event) || navigation.key(key, event);
});

// What was kept from before a reload, and from other items.

const preferred = kept.preferred();
for (const name of ["mode", "fill", "outline", "opacity", "divider"]) {
  if (name in preferred) viewer[name] = preferred[name];
}
if (preferred.radius) editor.radius = preferred.radius;
const view = kept.get("view");
if (view?.zoom) viewer.view = view;
else viewer.fit();
if (kept.get("sentence") !== null) byId("sentence-begin").click();
if (kept.get("notice")) {
  warn(kept.get("notice"));
  kept.set("notice", null);
}
showAnswers();
showEditor(true);
showMask();
viewer.draw();
if (outbox.read().length) {
  // Something from before a reload or a restart was not sent: it is, and the page shows it then.
  await outbox.flush();
  location.reload();
}
