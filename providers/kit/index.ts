export { differences } from "./changes.js";
export { inputChanges } from "./diff.js";
export { duration, formatDuration } from "./duration.js";
export { formatPath, type Path } from "./path.js";
export { poll } from "./poll.js";
export { serve } from "./serve.js";
export { type Timing, timingsFile } from "./timingLog.js";
export * from "./types.js";
export { hasUnknown, isUnknown } from "./unknown.js";
