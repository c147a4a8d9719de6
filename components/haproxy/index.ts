export { haproxyModel } from "./haproxyModel.js";
export { hardenedDefaults, hardenedGlobal } from "./hardened.js";
export type * from "./model.js";
export { renderHaproxy } from "./renderHaproxy.js";
