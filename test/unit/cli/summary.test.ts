import { expect, test } from "vitest";
import { summary } from "../../../cli/summary.js";

const inventory = {
  machines: [
    {
      name: "web-1",
      domain: "dev-web-1",
      hypervisor: "local",
      address: "10.0.0.11",
      accelerator: "kvm",
      started: "fork" as const,
      power: "running" as const,
      docker: "28.2.2",
    },
    {
      name: "web-2",
      domain: "dev-web-2",
      hypervisor: "local",
      address: "10.0.0.12",
      accelerator: "kvm",
      started: "fork" as const,
      power: "stopped" as const,
    },
  ],
  services: [
    {
      name: "web",
      replicas: [
        { replica: "web-1", machine: "web-1", address: "10.0.0.11", port: 80, container: "0123456789abcdef" },
      ],
    },
  ],
  loadBalancers: [{ name: "public", url: "http://10.0.0.1/" }],
};

test("says what runs where, and ends with the URL that works here", () => {
  expect(summary("dev", inventory, new Map([["public", "http://127.0.0.1:8080/"]])).split("\n")).toEqual([
    "",
    "Stack dev",
    "  machines",
    "    web-1  10.0.0.11  kvm, forked, Docker 28.2.2",
    "    web-2  10.0.0.12  stopped",
    "  containers",
    "    web-1  on web-1  10.0.0.11:80  0123456789ab",
    "  load balancers",
    "    public  http://10.0.0.1/  here: http://127.0.0.1:8080/",
    "",
    "http://127.0.0.1:8080/",
  ]);
});

test("without a load balancer there is no URL to end with", () => {
  const text = summary("dev", { ...inventory, loadBalancers: [] }, new Map());
  expect(text).not.toContain("http");
  expect(text.split("\n").at(-1)).toContain("0123456789ab");
});
