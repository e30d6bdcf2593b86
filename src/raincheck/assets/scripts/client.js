/** What every client page runs: forms and copying. The pages work without it. */

import { watchCopying } from "./copying.js";
import { watchForms } from "./forms.js";
import { watchUnsaved } from "./unsaved.js";

watchForms();
watchCopying();
watchUnsaved("textarea, input[type=text]");
