import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { RefusedError } from "./answer.js";
import { inputChanges } from "./diff.js";
import { refusal } from "./errors.js";
import { decode, encode } from "./marshal.js";
import { diffResponse, failureMessages } from "./messages.js";
import type { PropertyMap } from "./property.js";
import { redactor } from "./redact.js";
import { conceal, reveal } from "./secrecy.js";
import type { Session } from "./session.js";

/** The protocol's methods on the provider itself. */
export function configurationMethods<C>(session: Session<C>) {
  const { definition } = session;
  return {
    /** The engine sends configuration without its secret marks and puts them back by name afterwards. */
    checkConfig(request: pb.CheckRequest): pb.CheckResponse {
      const news = decode(request.getNews());
      const response = new provider.CheckResponse();
      const checked = definition.checkConfig?.(reveal(own(news))) ?? { inputs: own(news), failures: [] };
      response.setInputs(encode({ ...engines(news), ...conceal(checked.inputs, [news]) }));
      response.setFailuresList(failureMessages(checked.failures, redactor([news])));
      return response;
    },

    diffConfig(request: pb.DiffRequest): pb.DiffResponse {
      const before = decode(request.hasOldInputs() ? request.getOldInputs() : request.getOlds());
      const after = decode(request.getNews());
      const replaceOn = definition.replaceOnConfig ?? [];
      return diffResponse({ changes: inputChanges(reveal(own(before)), reveal(own(after)), replaceOn) });
    },

    configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
      const args = decode(request.getArgs());
      try {
        session.configure(definition.configure(reveal(own(args))), args);
      } catch (error) {
        throw new RefusedError(refusal(error, redactor([args])));
      }
      const response = new provider.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      // References to resources arrive as their ids, which is what handlers want.
      response.setAcceptresources(false);
      response.setAcceptoutputs(true);
      // False makes the engine warn a user who has configured names: handlers make their own.
      response.setSupportsAutonamingConfiguration(false);
      return response;
    },
  };
}

const engineNames = new Set(["version", "pluginDownloadURL"]);

function isEngines(name: string): boolean {
  return engineNames.has(name) || name.startsWith("__");
}

/** What is the provider's own; the rest is between the engine and the SDK. */
function own(properties: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !isEngines(name)));
}

function engines(properties: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => isEngines(name)));
}
