/** What every client page runs: forms and the time left. The pages work without it. */

import { watchCopying } from "./copying.js";
import { watchCountdowns } from "./countdown.js";
import { watchForms } from "./forms.js";

watchForms();
watchCountdowns();
watchCopying();
