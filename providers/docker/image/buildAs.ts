import type { Call } from "../../kit/index.js";
import { buildWithBuildx, needsBuildx } from "../buildx/buildWithBuildx.js";
import type { Configuration } from "../configuration.js";
import { openBuildContext } from "./buildContext.js";
import { buildImage } from "./buildImage.js";
import { buildOptions, type RemoteImageBuild, remoteImageBuild } from "./remoteImageBuild.js";

/** Builds what the SDK's `build` describes under this name: with the engine itself, or with docker buildx where only that can. */
export async function buildAs(
  name: string,
  build: RemoteImageBuild,
  call: Call<Configuration>,
): Promise<void> {
  const dockerfile = build.dockerfile && `${build.context}/${build.dockerfile}`;
  const context = openBuildContext(build.context, dockerfile);
  const options = buildOptions(build);
  if (needsBuildx(build)) await buildWithBuildx(context, name, build, call, options);
  else await buildImage(context, remoteImageBuild(name, build), call, options);
}
