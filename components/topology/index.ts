export type { TopologyEnvironment } from "./environment.js";
export type * from "./topology.js";
export { TopologyError, type TopologyIssue } from "./topologyError.js";
