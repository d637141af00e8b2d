/** From Stryker's report (mutation testing report schema 2) to a score a file and the survivors. */
import { z } from 'zod';

const placeSchema = z.object({ line: z.number(), column: z.number() });

const reportSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          status: z.string(),
          location: z.object({ start: placeSchema, end: placeSchema }),
        }),
      ),
    }),
  ),
});

type Mutant = z.infer<typeof reportSchema>['files'][string]['mutants'][number];

const explainedSchema = z.array(
  z.strictObject({
    file: z.string(),
    /** The changed text, and what it became: by them it is known again when lines move. */
    original: z.string(),
    replacement: z.string(),
    reason: z.string(),
  }),
);

export interface MutationOutcome {
  readonly lines: readonly string[];
  readonly unexplained: number;
}

/** Lines to print, from the report and explained.json as they were parsed. */
export function outcomeOf(report: unknown, explained: unknown): MutationOutcome {
  const reasons = explainedSchema.parse(explained);
  const lines: string[] = [];
  const totals = { noticed: 0, explained: 0, all: 0 };
  for (const [file, { source, mutants }] of Object.entries(reportSchema.parse(report).files)) {
    const counted = mutants.filter(({ status }) => status !== 'Ignored');
    if (counted.length === 0) continue;
    const survivors = counted.filter(({ status }) => status === 'Survived');
    const noticed = counted.length - survivors.length;
    lines.push(`${file}: ${noticed} of ${counted.length} noticed (${percent(noticed, counted)})`);
    totals.noticed += noticed;
    totals.all += counted.length;
    for (const mutant of survivors) {
      const { line, column } = mutant.location.start;
      const original = textAt(source, mutant);
      const replacement = mutant.replacement ?? '';
      const known = reasons.find((each) => {
        return each.file === file && each.original === original && each.replacement === replacement;
      });
      if (known !== undefined) {
        totals.explained++;
        continue;
      }
      lines.push(`  ${line}:${column} ${oneLine(original)} → ${oneLine(replacement)}`);
    }
  }
  const unexplained = totals.all - totals.noticed - totals.explained;
  lines.push(
    `${totals.noticed} of ${totals.all} changes noticed, ` +
      `${totals.explained} change nothing and say why, ${unexplained} survived`,
  );
  return { lines, unexplained };
}

function textAt(source: string, { location: { start, end } }: Mutant): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join('\n');
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 90);
const percent = (part: number, of: readonly unknown[]) =>
  `${((100 * part) / of.length).toFixed(1)} %`;
