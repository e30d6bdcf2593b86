/** What every staff page runs: htmx, menus, the details sidebar, forms and the time left. */

import "htmx.org";
import { watchCopying } from "./copying.js";
import { watchCountdowns } from "./countdown.js";
import { watchDetails } from "./details.js";
import { watchFailures } from "./failures.js";
import { watchForms } from "./forms.js";
import { watchMenus } from "./menu.js";

watchForms();
watchMenus();
watchDetails();
watchCountdowns();
watchCopying();
watchFailures();
