export { explain } from "./explain.js";
export { place } from "./place.js";
export type * from "./placement.js";
export { PlacementError } from "./placementError.js";
