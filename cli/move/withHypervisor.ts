import { readFileSync, writeFileSync } from "node:fs";
import { isMap, parseDocument } from "yaml";

/** The text of a stack's file with a machine on this hypervisor; its comments and its order stay. */
export function withHypervisor(text: string, machine: string, hypervisor: string): string {
  const document = parseDocument(text);
  const at = ["config", "berth:machines", machine];
  if (document.getIn([...at, "hypervisor"]) === hypervisor) return text;
  if (!isMap(document.getIn(at))) document.setIn(at, document.createNode({}, { flow: true }));
  document.setIn([...at, "hypervisor"], hypervisor);
  return document.toString({ lineWidth: 0 });
}

/** Has a stack's file say which hypervisor a machine is on; what else it says by now stays. */
export function sayHypervisor(file: string, machine: string, hypervisor: string): void {
  writeFileSync(file, withHypervisor(readFileSync(file, "utf8"), machine, hypervisor));
}
