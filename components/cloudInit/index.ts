export type * from "./seed.js";
