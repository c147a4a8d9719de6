import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { replaces } from "./diff.js";
import { parsePath } from "./path.js";
import type { ChangeKind, CheckFailure, DiffResult } from "./types.js";

const kinds: Readonly<Record<ChangeKind, number>> = {
  add: provider.PropertyDiff.Kind.ADD,
  "add-replace": provider.PropertyDiff.Kind.ADD_REPLACE,
  delete: provider.PropertyDiff.Kind.DELETE,
  "delete-replace": provider.PropertyDiff.Kind.DELETE_REPLACE,
  update: provider.PropertyDiff.Kind.UPDATE,
  "update-replace": provider.PropertyDiff.Kind.UPDATE_REPLACE,
};

/** The protocol's message for a diff. `stables`: outputs that an update leaves alone; a replacement leaves none alone. */
export function diffResponse(diff: DiffResult, stables: readonly string[] = []) {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(diff.changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  for (const { path, kind, inputDiff = true } of diff.changes) {
    const detail = new provider.PropertyDiff();
    detail.setKind(kinds[kind] as never);
    detail.setInputdiff(inputDiff);
    response.getDetaileddiffMap().set(path, detail);
  }
  const replacing = diff.changes.filter(({ kind }) => replaces(kind));
  response.setDiffsList(topNames(diff.changes));
  response.setReplacesList(topNames(replacing));
  response.setDeletebeforereplace(replacing.length > 0 && (diff.deleteBeforeReplace ?? false));
  if (replacing.length === 0) response.setStablesList([...stables]);
  return response;
}

export function failureMessages(failures: readonly CheckFailure[], redact: (text: string) => string) {
  return failures.map(({ property, reason }) =>
    new provider.CheckFailure().setProperty(property).setReason(redact(reason)),
  );
}

function topNames(changes: readonly { path: string }[]): string[] {
  return [...new Set(changes.map(({ path }) => String(parsePath(path)[0])))];
}
