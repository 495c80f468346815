import { post } from "./outbox.js";

const form = document.getElementById("name-form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { status, content } = await post("/name", { auditor: form.auditor.value });
  if (status < 300) location.href = content.go;
  else document.getElementById("message").textContent = `${content.message} ${content.advice}`;
});
