export { haproxyModel } from "./haproxyModel.js";
export { hardenedDefaults, hardenedGlobal, httpOptions } from "./hardened.js";
export type * from "./model.js";
export { renderHaproxy } from "./renderHaproxy.js";
