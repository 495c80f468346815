// Keys press the button that names them in data-key, so a page's buttons are its list of keys.

const TEXT = "input:not([type=range]), textarea, select";

function keyOf(event) {
  // With Caps Lock only the Shift key decides between a small and a capital letter.
  const key = event.key.length === 1 && /[a-z]/i.test(event.key)
    ? (event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase())
    : event.key;
  return event.ctrlKey || event.metaKey ? `Control+${key}` : key;
}

function isOffered(element) {
  return !element.disabled && element.getClientRects().length > 0;
}

// Calls `first(key, event)` before a button is looked for; it returns true when it took the key.
export function listen(first = () => false) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const key = keyOf(event);
    const inText = event.target.matches?.(TEXT);
    if (inText && key !== "Escape" && key !== "Control+Enter" &&
        !(key === "Enter" && event.target.id === "reason")) return;
    // A button that was just hidden keeps the focus for a moment, and would swallow the key.
    const native = event.target.matches?.("button, a, summary, select, input[type=range]") &&
      isOffered(event.target);
    if (native && (key === "Enter" || key === " ")) return;
    if (event.target.type === "range" && key.startsWith("Arrow")) return;
    if (first(key, event)) {
      event.preventDefault();
      return;
    }
    const root = document.querySelector("dialog[open]") ?? document;
    const found = [...root.querySelectorAll("[data-key]")]
      .find((element) => element.dataset.key === key && isOffered(element));
    if (!found) return;
    event.preventDefault();
    if (event.repeat && found.closest("form, a")) return;
    if (found.matches("input")) found.focus();
    else found.click();
  });
  // After a click by mouse the button gives the focus back, so that Enter does not press it again.
  document.addEventListener("click", (event) => {
    if (event.detail > 0) event.target.closest?.("button")?.blur();
  });
}
