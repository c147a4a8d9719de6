export { ensureContainerBase } from "./containerBase.js";
export { ensureImages } from "./ensureImages.js";
export { forward } from "./forward.js";
export { guestForms } from "./guestForms.js";
export type { Lab } from "./lab.js";
export { labPackages } from "./labPackages.js";
export { startLab } from "./startLab.js";
export { stopLab } from "./stopLab.js";
