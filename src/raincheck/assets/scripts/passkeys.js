/** Passkeys: the button asks the server for a challenge and the device for an answer, and sends it with its form. */

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const described = (known) => known?.map((one) => ({ ...one, id: bytes(one.id) }));

/** The server's options, with bytes where the browser wants them. Browsers that do this by themselves are too new to count on. */
function read(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) publicKey.excludeCredentials = described(options.excludeCredentials);
  if (options.allowCredentials) publicKey.allowCredentials = described(options.allowCredentials);
  return publicKey;
}

/** What the device answered, as the server reads it. @param {PublicKeyCredential} credential */
function written({ id, rawId, type, response }) {
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[part]) said[part] = text(response[part]);
  return JSON.stringify({ id, rawId: text(rawId), type, clientExtensionResults: {}, response: said });
}

async function answerOf({ passkey, options }) {
  const response = await fetch(options, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(`options: ${response.status}`);
  const publicKey = read(await response.json());
  return written(await (passkey === "create" ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })));
}

function say(form, name) {
  const sentences = [...form.querySelectorAll("[data-passkey-says]")];
  for (const one of sentences) one.hidden = true;
  if (name) (sentences.find((one) => one.dataset.passkeySays === name) ?? sentences.at(-1)).hidden = false;
}

async function ask(event) {
  const form = event.target;
  const credential = form.querySelector("[data-passkey-credential]");
  const name = form.dataset.passkey === "create" && form.querySelector("[name=name]");
  // Without a name the server says so, before the device keeps a passkey that nobody will know.
  if (credential.value || (name && !name.value.trim())) return;
  event.preventDefault();
  const button = form.querySelector("[data-passkey-button]");
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  say(form, "");
  try {
    credential.value = await answerOf(form.dataset);
    form.requestSubmit();
  } catch (failed) {
    say(form, failed.name);
  } finally {
    button.ariaBusy = null;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const knows = window.PublicKeyCredential && navigator.credentials;
  form.querySelector("[data-passkey-button]").hidden = !knows;
  // What stands there until now is for who has no scripts.
  say(form, knows ? "" : "Unknown");
  form.addEventListener("submit", ask);
}
// A page that comes back from the browser's memory asks the device anew.
window.addEventListener("pageshow", () => {
  for (const one of document.querySelectorAll("[data-passkey-credential]")) one.value = "";
});
