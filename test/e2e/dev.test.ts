import { lifecycle } from "./support/lifecycle.js";

lifecycle({
  stack: "dev",
  routes: { "/": { service: "web", replicas: 2 } },
  grows: { service: "web", path: "/", machine: "web-3" },
  changes: { image: "web", service: "web", path: "/" },
  asMachine: true,
  repaired: true,
});
