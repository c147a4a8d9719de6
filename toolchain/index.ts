export { ensurePackages } from "./apt.js";
export { ensureToolchain, type Toolchain } from "./ensureToolchain.js";
export { findGo } from "./goToolchain.js";
