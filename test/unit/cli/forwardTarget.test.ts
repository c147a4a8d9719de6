import { expect, test } from "vitest";
import { forwardTarget } from "../../../cli/forwardTarget.js";

test.each([
  ["http://192.168.130.1/", "192.168.130.1:80", "http://127.0.0.1:8080/"],
  ["http://192.168.130.1:8000/", "192.168.130.1:8000", "http://127.0.0.1:8080/"],
  ["https://192.168.130.9/", "192.168.130.9:443", "https://127.0.0.1:8080/"],
  ["tcp://192.168.130.1:5432/", "192.168.130.1:5432", "tcp://127.0.0.1:8080/"],
])("%s is forwarded to what listens there, and opened the same way", (url, target, here) => {
  const found = forwardTarget(url);
  expect([found.target, found.urlAt("127.0.0.1:8080")]).toEqual([target, here]);
});
