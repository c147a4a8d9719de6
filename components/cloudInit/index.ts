export { operator } from "./account.js";
export { type MetaData, metaData } from "./metaData.js";
export { networkConfig } from "./networkConfig.js";
export type * from "./seed.js";
export { templateNetworkConfig, templateUserData } from "./templateUserData.js";
export { userData } from "./userData.js";
