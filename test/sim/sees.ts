/** A trial keeps every promise, and with a meddling breaks exactly one of them. */
import type { ExecutionContext } from 'ava';
import type { CheckerName, Violation } from '../../sim/checkers/index.ts';
import { runTrial, type Trial, type TrialOptions } from '../../sim/index.ts';

export async function sees(
  t: ExecutionContext,
  checker: CheckerName,
  text: RegExp,
  trial: Trial,
  meddling: TrialOptions,
): Promise<Violation> {
  const sound = await runTrial(trial);
  t.is(sound.violation, null, sound.violation?.text);
  const { violation } = await runTrial(trial, meddling);
  t.is(violation?.checker, checker, violation?.text);
  t.regex(violation!.text, text);
  return violation!;
}
