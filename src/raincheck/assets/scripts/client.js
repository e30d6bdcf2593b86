/** What every client page runs: forms and copying. The pages work without it. */

import { watchCopying } from "./copying.js";
import { watchForms } from "./forms.js";

watchForms();
watchCopying();
