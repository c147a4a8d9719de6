import { describe, expect, it } from "vitest";
import { isImageId, parseImageReference } from "../../../providers/docker/engine/imageReference.js";

describe("parseImageReference", () => {
  it.each([
    ["web", { server: "docker.io", repository: "web" }],
    ["team/web:1", { server: "docker.io", repository: "team/web", tag: "1" }],
    ["localhost/web", { server: "localhost", repository: "localhost/web" }],
    ["r:5000/web", { server: "r:5000", repository: "r:5000/web" }],
    ["r:5000/a/b:1", { server: "r:5000", repository: "r:5000/a/b", tag: "1" }],
    ["r.test/web@sha256:00", { server: "r.test", repository: "r.test/web", digest: "sha256:00" }],
    ["r.test/web:1@sha256:00", { server: "r.test", repository: "r.test/web", tag: "1", digest: "sha256:00" }],
  ])("takes %s apart", (text, parts) => {
    expect(parseImageReference(text)).toEqual(parts);
  });
});

describe("isImageId", () => {
  it("tells ids from names", () => {
    const id = "a1".repeat(32);
    expect([`sha256:${id}`, id, `web@sha256:${id}`, "a1b2"].map(isImageId)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
