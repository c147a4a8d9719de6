export { ensureImages } from "./ensureImages.js";
export type { Lab } from "./lab.js";
export { labPackages } from "./labPackages.js";
export { startLab } from "./startLab.js";
export { stopLab } from "./stopLab.js";
