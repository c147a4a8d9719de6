// What Pulumi runs (package.json's main; a main in Pulumi.yaml would make its folder the program's): the program in index.ts, compiled first where it has changed.
import { RunError } from "@pulumi/pulumi";
import { compile, projectDir } from "./compile.mjs";

/** Pulumi calls this, and takes what it gives as the stack's outputs. */
export default async function program() {
  try {
    await compile(projectDir);
  } catch (error) {
    throw new RunError(error.message); // Shown without a stack.
  }
  return { ...(await import("../dist/index.js")) };
}
