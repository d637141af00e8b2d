/** What was read from this node's disk, or of the base: a step, or what was lost of one. */
import type { Composition } from './composition.ts';
import { letGoOfRead, recall } from './recall.ts';
import type { LoadedStep } from './types.ts';

export interface LoadingPorts {
  /** What the disk did not have is gathered. */
  gathers(): void;
  /** This node holds more than before. */
  regained(): void;
}

/** Takes what was read, if this node still means to. */
export function takeLoaded(parts: Composition, loaded: LoadedStep, ports: LoadingPorts): void {
  const { context, course, member } = parts;
  const { goal, phase } = course;
  if (phase === 'working') {
    if (recall(parts, loaded)) ports.regained();
    return;
  }
  // It was to be recalled for a step that was left since.
  if (goal?.step !== loaded.step) letGoOfRead(parts, loaded);
  if (phase !== 'loading' || goal?.step !== loaded.step) return;
  if (goal.root !== loaded.root) {
    course.loadFailed(loaded.step);
    return;
  }
  if (loaded.step === 0) {
    context.activeFrom = 0;
    member.standAt(loaded);
    return;
  }
  course.loaded();
  loaded.values.forEach((hashes, bucket) => {
    if (hashes === null || context.complete) return;
    member.made({ bucket, hashes, resolution: null, kept: false });
  });
  if (!context.complete) ports.gathers();
}
