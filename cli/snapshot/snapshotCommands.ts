import type { Command } from "commander";
import type { Project } from "../project.js";
import { withStack } from "../withStack.js";
import { type CreateSnapshotOptions, createSnapshot } from "./createSnapshot.js";
import { type DeleteSnapshotOptions, deleteSnapshot } from "./deleteSnapshot.js";
import { type ListSnapshotsOptions, listSnapshots } from "./listSnapshots.js";
import { type RevertSnapshotOptions, revertSnapshot } from "./revertSnapshot.js";

/** `berth snapshot …` */
export function snapshotCommands(berth: Command, project: Project): void {
  const group = berth.command("snapshot").description("snapshots of machines, in their own disks");
  const named = (name: string, description: string) =>
    withStack(group.command(name).description(description).argument("<name>", "the snapshot's"));
  const machines = ["-m, --machine <names...>", "these machines"] as const;
  named("create", "take one of machines, all at one point in time; default: all of the stack's")
    .option(...machines, [])
    .option("--memory", "with what is in memory: going back needs no boot")
    .option("--description <words>", "for people", "")
    .action((name: string, options: CreateSnapshotOptions) => createSnapshot(project, name, options));
  withStack(group.command("list").description("those that the stack's machines have"))
    .option("--json", "for a program to read")
    .action((options: ListSnapshotsOptions) => listSnapshots(project, options));
  named(
    "revert",
    "take machines back to one, losing what they wrote since, and update the stack; default: all that have it",
  )
    .option(...machines, [])
    .action((name: string, options: RevertSnapshotOptions) => revertSnapshot(project, name, options));
  named("delete", "delete one; default: of all machines that have it")
    .option(...machines, [])
    .action((name: string, options: DeleteSnapshotOptions) => deleteSnapshot(project, name, options));
}
