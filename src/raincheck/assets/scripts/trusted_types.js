/** The one policy by which text becomes HTML in a page: what htmx swaps in comes from our own templates. */

// No createScript and no createScriptURL: with this, text never becomes a script, whoever asks for it.
if (window.trustedTypes) window.trustedTypes.createPolicy("default", { createHTML: (html) => html });
