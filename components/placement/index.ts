export type * from "./placement.js";
