export { usableCpus, usableMemoryBytes } from "./capacity.js";
export type { TopologyEnvironment } from "./environment.js";
export { naturalOrder } from "./naturalOrder.js";
export { parseTopology } from "./parseTopology.js";
export { formatDuration, formatSize, parseDuration, parseSize } from "./quantities.js";
export type * from "./topology.js";
export { TopologyError, type TopologyIssue } from "./topologyError.js";
