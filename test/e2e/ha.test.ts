import { lifecycle } from "./support/lifecycle.js";

lifecycle({
  stack: "ha",
  routes: { "/": { service: "web", replicas: 3 }, "/api": { service: "api", replicas: 3 } },
  ipv6: true,
  grows: { service: "web", path: "/", machine: "node-4" },
});
