/* Passkeys: joins our buttons to allauth's own scripts, which speak with the browser.
   A button with data-passkey ("login", "authenticate" or "add") names the hidden field for the answer in data-credential. */
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential) { button.hidden = true; continue; }
    const kind = button.dataset.passkey;
    const ids = { [kind]: button.id, credential: button.dataset.credential };
    if (kind !== "login") ids.data = "js_data";
    if (button.dataset.passwordless) ids.passwordless = button.dataset.passwordless;
    window.allauth.webauthn.forms[`${kind}Form`]({ ids });
  }
});
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.getElementById("passkey-note");
  if (note) note.hidden = false;
});
