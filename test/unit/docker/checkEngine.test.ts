import { describe, expect, it } from "vitest";
import { checkEngine } from "../../../providers/docker/container/checkEngine.js";
import { createBody } from "../../../providers/docker/container/createBody.js";

const inputs = {
  image: "web",
  healthcheck: { tests: ["CMD", "true"], startInterval: "1s" },
  mounts: [{ type: "volume", source: "data", target: "/d", volumeOptions: { subpath: "inner" } }],
  networksAdvanced: [
    { name: "front", macAddress: "02:42:0a:00:00:01" },
    { name: "back", macAddress: "02:42:0a:00:00:02", gwPriority: 1 },
  ],
};

describe("what an engine is too old for", () => {
  it("is named as a whole, with what it needs", () => {
    expect(() => checkEngine(inputs, 41)).toThrow(
      "healthcheck.startInterval needs Docker Engine 25.0 (API 1.44); mounts[0].volumeOptions.subpath needs Docker Engine " +
        "26.0 (API 1.45); networksAdvanced[1].macAddress needs Docker Engine 25.0 (API 1.44); networksAdvanced[1].gwPriority " +
        "needs Docker Engine 28.0 (API 1.48); this engine's API is 1.41. Upgrade it, or leave that out.",
    );
    expect(() => checkEngine(inputs, 47)).toThrow("networksAdvanced[1].gwPriority needs Docker Engine 28.0");
    expect(() => checkEngine(inputs, 48)).not.toThrow();
  });

  it("is told to it in its own way where there is one: a hardware address was the whole container's", () => {
    expect(createBody(inputs, "urn", 43).MacAddress).toBe("02:42:0a:00:00:01");
    expect(createBody(inputs, "urn", 44).MacAddress).toBeUndefined();
  });
});
