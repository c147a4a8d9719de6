export { ensurePackages } from "./apt.js";
export { cached } from "./cache.js";
export { ensureToolchain, type Toolchain } from "./ensureToolchain.js";
