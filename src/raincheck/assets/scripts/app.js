/** What every staff page runs: htmx, menus, the details sidebar, forms, the search box, words not sent yet, copying and signing out. */

import "./trusted_types.js"; // first: htmx looks for it
import "htmx.org";
import { watchArrival } from "./arriving.js";
import { watchCopying } from "./copying.js";
import { watchDetails } from "./details.js";
import { watchFailures } from "./failures.js";
import { watchForms } from "./forms.js";
import { watchMenus } from "./menu.js";
import { watchOutcomes } from "./outcomes.js";
import { watchPresence } from "./presence.js";
import { watchSearch } from "./search.js";
import { watchTimesBeside } from "./times_beside.js";
import { watchUndo } from "./undo.js";
import { watchUnsaved } from "./unsaved.js";

watchForms();
watchMenus();
watchDetails();
watchOutcomes();
watchCopying();
watchFailures();
watchUnsaved("input, select, textarea");
watchArrival();
watchTimesBeside();
watchPresence();
watchSearch();
watchUndo();
