import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import ts from "typescript";

const folder = resolve(import.meta.dirname, "../../../../node_modules/@pulumi/docker");

/** A type of the SDK's, without inputs, outputs and promises. */
export type SdkType =
  | { readonly kind: "boolean" | "number" | "string" | "any" }
  | { readonly kind: "list" | "map"; readonly of: SdkType }
  | { readonly kind: "enum"; readonly name: string }
  | { readonly kind: "object"; readonly side: "inputs" | "outputs"; readonly name: string };

export interface Member {
  readonly name: string;
  readonly required: boolean;
  readonly type: SdkType;
}

interface Sdk {
  readonly version: string;
  readonly resources: ReadonlyMap<string, { readonly inputs: Member[]; readonly outputs: Member[] }>;
  readonly functions: ReadonlyMap<string, { readonly inputs: Member[]; readonly outputs: Member[] }>;
  /** The members of a nested type. */
  members(type: SdkType & { kind: "object" }): Member[];
  values(enumeration: string): string[];
}

/** What `@pulumi/docker` has, read from its own declarations. */
export function readSdk(): Sdk {
  const { version } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8"));
  const resources = new Map<string, { inputs: Member[]; outputs: Member[] }>();
  const functions = new Map<string, { inputs: Member[]; outputs: Member[] }>();
  for (const [name, value] of Object.entries(docker)) {
    if (typeof value !== "function" || /Output$/.test(name)) continue;
    const file = parse(`${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
    if (/^[A-Z]/.test(name)) {
      const inputs = membersOf(interfaceIn(file, `${name}Args`), "inputs");
      resources.set(name, { inputs, outputs: outputsOf(classIn(file, name)) });
    } else {
      const type = name.charAt(0).toUpperCase() + name.slice(1);
      functions.set(name, {
        inputs: membersOf(interfaceIn(file, `${type}Args`), "inputs"),
        outputs: membersOf(interfaceIn(file, `${type}Result`), "outputs"),
      });
    }
  }
  const files = { inputs: parse("types/input.d.ts"), outputs: parse("types/output.d.ts") };
  return {
    version,
    resources,
    functions,
    members: ({ side, name }) => membersOf(interfaceIn(files[side], name), side),
    values: (name) =>
      Object.values((docker as unknown as Record<string, Record<string, string>>)[name] ?? {}),
  };
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(resolve(folder, path), "utf8"), ts.ScriptTarget.Latest, true);
}

function interfaceIn(file: ts.SourceFile, name: string): ts.InterfaceDeclaration {
  const found = file.statements.find((it) => ts.isInterfaceDeclaration(it) && it.name.text === name);
  if (!found) throw new Error(`${file.fileName} has no interface ${name}: the SDK is built otherwise now.`);
  return found as ts.InterfaceDeclaration;
}

function classIn(file: ts.SourceFile, name: string): ts.ClassDeclaration {
  const found = file.statements.find((it) => ts.isClassDeclaration(it) && it.name?.text === name);
  if (!found) throw new Error(`${file.fileName} has no class ${name}: the SDK is built otherwise now.`);
  return found as ts.ClassDeclaration;
}

function membersOf(declaration: ts.InterfaceDeclaration, side: "inputs" | "outputs"): Member[] {
  return declaration.members.flatMap((member) =>
    ts.isPropertySignature(member) && member.type
      ? [{ name: member.name.getText(), required: !member.questionToken, type: typeOf(member.type, side) }]
      : [],
  );
}

/** The outputs of a resource's class; one that may be undefined is not required. */
function outputsOf(declaration: ts.ClassDeclaration): Member[] {
  return declaration.members.flatMap((member) => {
    const isOutput = ts.isPropertyDeclaration(member) && member.type?.getText().startsWith("pulumi.Output<");
    if (!isOutput) return [];
    const type = member.type as ts.TypeNode;
    return [
      {
        name: member.name.getText(),
        required: !/\| undefined>$/.test(type.getText()),
        type: typeOf(type, "outputs"),
      },
    ];
  });
}

function typeOf(node: ts.TypeNode, side: "inputs" | "outputs"): SdkType {
  if (ts.isUnionTypeNode(node)) {
    const [first] = node.types.filter((type) => type.kind !== ts.SyntaxKind.UndefinedKeyword);
    return typeOf(first as ts.TypeNode, side);
  }
  if (ts.isArrayTypeNode(node)) return { kind: "list", of: typeOf(node.elementType, side) };
  if (ts.isTypeLiteralNode(node)) {
    const index = node.members.find(ts.isIndexSignatureDeclaration);
    return { kind: "map", of: index ? typeOf(index.type, side) : { kind: "any" } };
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText();
    const [argument] = node.typeArguments ?? [];
    if (argument && /^pulumi\.(Input|Output)$/.test(name)) return typeOf(argument, side);
    const [space, own = ""] = name.split(".");
    if (space === "enums") return { kind: "enum", name: own };
    // A function's argument has a second type, for inputs that are not plain.
    if (space === "inputs" || space === "outputs") return { kind: "object", side: space, name: own };
  }
  const text = node.getText();
  if (text === "boolean" || text === "number" || text === "string") return { kind: text };
  throw new Error(`the SDK has a type that is not known here: ${text}`);
}
