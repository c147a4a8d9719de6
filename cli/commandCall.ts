import type { Call } from "../providers/kit/index.js";
import { say } from "./say.js";

/** A call as the plugins know it, of a command: it says on standard error what it does. `limitMs`: of the whole of it. */
export function commandCall(limitMs: number, signal = AbortSignal.timeout(limitMs)): Call<unknown> {
  let last = "";
  return {
    config: undefined,
    urn: "",
    preview: false,
    signal,
    timeoutMs: limitMs,
    log: (severity, message) => say(severity === "info" ? message : `${severity}: ${message}`),
    status(message) {
      // A wait tells its time again and again, a copy how far it is; a terminal is told of each once.
      const what = message.replace(/, [\dhms.]+( %)?$/, "");
      if (what !== last) say(what);
      last = what;
    },
  };
}
