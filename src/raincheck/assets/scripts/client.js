/** What every client page runs: forms, copying, and the heading that takes the focus. The pages work without it. */

import { focusHeading } from "./arriving.js";
import { watchCopying } from "./copying.js";
import { watchForms } from "./forms.js";
import { watchUnsaved } from "./unsaved.js";

watchForms();
watchCopying();
watchUnsaved("textarea, input[type=text]");
focusHeading();
