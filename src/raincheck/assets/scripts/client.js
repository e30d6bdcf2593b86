/** What every client page runs: forms, copying, printing, and the heading that takes the focus. The pages work without it. */

import { focusHeading } from "./arriving.js";
import { watchCopying } from "./copying.js";
import { watchForms } from "./forms.js";
import { watchPrinting } from "./printing.js";
import { watchUnsaved } from "./unsaved.js";

watchForms();
watchCopying();
watchPrinting();
watchUnsaved("textarea, input[type=text]");
focusHeading();
