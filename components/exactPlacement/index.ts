export { provePlacement } from "./provePlacement.js";
