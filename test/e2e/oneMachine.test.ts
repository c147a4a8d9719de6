import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkout } from "./support/checkout.js";
import { inOrder } from "./support/inOrder.js";

const example = resolve(import.meta.dirname, "../../examples/one-machine");

/** The components in somebody's own program, on an image without Docker. */
describe("example one-machine", () => {
  inOrder();
  const checkout = new Checkout("dev");
  const pulumi = async (...args: string[]) => {
    const command = [...args, "--stack", "try", "--cwd", example, "--non-interactive"];
    const output = await checkout.run(`${checkout.home}/bin/pulumi`, command);
    expect(output.code, output.stdout + output.stderr).toBe(0);
    return output.stdout;
  };

  beforeAll(async () => {
    const { code, stderr } = await checkout.run("npm", ["run", "--silent", "setup"]);
    expect(code, stderr).toBe(0);
  });
  afterAll(() => checkout.discard());

  test("a machine comes up, and Docker is installed in it", async () => {
    await pulumi("stack", "init");
    await pulumi("up", "--yes", "--skip-preview");
    expect(await pulumi("stack", "output", "docker")).toMatch(/^\d+\.\d+/);
    await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
  });

  test("and goes again", async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    await pulumi("stack", "rm", "--yes");
  });
});
