/** One mistake in the configuration. */
export interface TopologyIssue {
  /** Full path, such as `berth:services.web.replicas`. */
  readonly path: string;
  /** What is wrong, the rule, and the fix. */
  readonly message: string;
}

/** A configuration that cannot be built, with every mistake found in it. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
  readonly issues: readonly TopologyIssue[];

  constructor(issues: readonly TopologyIssue[]) {
    const count = issues.length === 1 ? "1 mistake" : `${issues.length} mistakes`;
    const lines = issues.map(({ path, message }) => `  ${path}: ${message}`);
    super(`The stack's configuration has ${count}; nothing was touched.\n${lines.join("\n")}`);
    this.issues = issues;
  }
}
