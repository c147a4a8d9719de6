export { serverName } from "./backendModel.js";
export { haproxyModel } from "./haproxyModel.js";
export { hardenedDefaults, hardenedGlobal, hardenedTls, httpOptions } from "./hardened.js";
export type * from "./model.js";
export { renderHaproxy } from "./renderHaproxy.js";
export { type SecretFile, secretFiles, secretPath } from "./secretFiles.js";
export { serversOf } from "./serversOf.js";
export { targetsOf } from "./targets.js";
