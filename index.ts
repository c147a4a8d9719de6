import { Site } from "@berth/components";
import { parseTopology } from "@berth/components/topology";
import * as pulumi from "@pulumi/pulumi";
import { imageFiles } from "./stacks/imageFiles.js";
import { placementInForce } from "./stacks/placementInForce.js";
import { stackConfig } from "./stacks/stackConfig.js";

const { values, secretKeys, secrets } = stackConfig("berth");
const topology = parseTopology(values, {
  stack: pulumi.getStack(),
  libvirtUri: process.env["BERTH_LIBVIRT_URI"],
  dockerHost: process.env["BERTH_DOCKER_HOST"],
  consoleLogs: process.env["BERTH_CONSOLE_LOGS"],
  templates: process.env["BERTH_TEMPLATES"],
  secretKeys,
});

const { seats, held } = await placementInForce();
const site = new Site("site", {
  topology,
  today: seats,
  held,
  moves: JSON.parse(process.env["BERTH_MOVES"] || "{}"),
  prepare: JSON.parse(process.env["BERTH_PREPARE"] || "{}"),
  secrets,
  images: imageFiles(topology.images),
  systemImages: "lab/images",
});

export const inventory = site.inventory;
