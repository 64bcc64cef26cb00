import { err, ok, type Result } from '../base/result.ts';
import { isPrompt, type Tags } from '../models/rules/registry-events.ts';
import { climbsOut } from '../models/schema.ts';

/** Why a name cannot be had: prompts and models share the names, and the words say which of the two holds it. */
export function nameTaken(name: string, tags: Tags, heldTags: Tags): string {
  const [kind, held] = [tags, heldTags].map((all) => (isPrompt(all) ? 'prompt' : 'registered model'));
  if (kind === held) return `${kind === 'prompt' ? 'Prompt' : 'Registered Model'} (name=${name}) already exists.`;
  return `Tried to create a ${kind} with name '${name}', but the name is already taken by a ${held}. MLflow does not allow creating a model and a prompt with the same name.`;
}

type Source = { source: string; tags: Tags; runId: string | undefined; modelId: string | undefined };

/**
 * A path of the sender's own disk leads nowhere for anybody else, unless a run or a logged model says whose it is.
 * Prompts have a source in name only.
 */
export function maySource({ source, tags, runId, modelId }: Source): Result<void, string> {
  if (isPrompt(tags)) return ok(undefined);
  const shown = `'${source.slice(0, 500)}'`;
  if (climbsOut(source))
    return err(
      `Invalid model version source: ${shown}. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
  const isFile = /^file:/i.test(source);
  if (isFile && /^file:\/\/(?!localhost|127\.0\.0\.1|\.?\/|$)/i.test(source))
    return err(`Invalid model version source: ${shown} is not a valid remote uri: files have no host.`);
  const isLocal = isFile || !/^[a-z][a-z0-9+.-]+:/i.test(source);
  if (!isLocal || runId || modelId) return ok(undefined);
  return err(
    `Invalid model version source: ${shown}. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
  );
}
