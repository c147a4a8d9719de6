import type { ArgumentTable } from "../types.js";
import { offByDefault, onByDefault } from "./builders.js";

/** What this plugin itself does, before and after the container's life; the container knows nothing of it. */
export const conductArguments: ArgumentTable<
  | "name"
  | "start"
  | "mustRun"
  | "attach"
  | "logs"
  | "wait"
  | "waitTimeout"
  | "destroyGraceSeconds"
  | "removeVolumes"
  | "containerReadRefreshTimeoutMilliseconds"
> = {
  name: {
    api: "?name, POST /containers/{id}/rename",
    effect: "in place",
    drifts: true,
    read: (live) => live.Name.slice(1),
  },
  start: { api: "POST /containers/{id}/start", effect: "conduct", ...onByDefault },
  mustRun: { api: "POST /containers/{id}/start", effect: "in place", ...onByDefault },
  attach: { api: "POST /containers/{id}/wait", effect: "conduct", ...offByDefault },
  logs: { api: "GET /containers/{id}/logs", effect: "conduct", ...offByDefault },
  wait: { api: "State.Health.Status", effect: "conduct", ...offByDefault },
  waitTimeout: { api: "State.Health.Status", effect: "conduct", canonical: (value) => value ?? 60 },
  destroyGraceSeconds: { api: "POST /containers/{id}/stop?t", effect: "conduct" },
  removeVolumes: { api: "DELETE /containers/{id}?v", effect: "conduct", ...onByDefault },
  containerReadRefreshTimeoutMilliseconds: {
    api: "State.Running",
    effect: "conduct",
    canonical: (value) => value ?? 15_000,
  },
};
