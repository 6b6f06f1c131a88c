// What every page shares. No framework; without it the pages still work.
import "./say.js";
import "./keys.js";
import "./palette.js";
import "./lists.js";
import "./forms.js";
import "./restore.js";
