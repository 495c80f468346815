// The list of keys, made of the page's buttons.

const OTHERS = [
  ["Arrow keys", "Move the images; with a tool, move its cursor (with Shift in longer steps)"],
  ["Shift ← →", "Move the line of the swipe"],
  ["Space", "Blink: show the other date. Tool: put the brush down or up, or set a corner"],
  ["Backspace", "Polygon: remove the last corner"],
  ["Ctrl Z, Ctrl Y", "The same as z and y"],
];

export function fillHelp(body) {
  const named = [...document.querySelectorAll("button[data-key], a[data-key]")].map((element) => {
    const key = element.querySelector("kbd").textContent;
    const label = [...element.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE)
      .map((n) => n.textContent).join(" ").trim();
    const group = element.closest("[aria-labelledby]");
    const question = group && document.getElementById(group.getAttribute("aria-labelledby")).textContent;
    return [key, question ? `${question}: ${label}` : element.title || label];
  });
  for (const [key, text] of [...named, ["r", "Write the reason"], ...OTHERS]) {
    const row = body.insertRow();
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    row.insertCell().append(kbd);
    row.insertCell().textContent = text;
  }
}
