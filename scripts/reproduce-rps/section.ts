/** What each reproduction yields: its picture, and what its part of page.md leaves open. */
export interface Section {
  /** Of the picture's file, docs/rps/NAME.svg, and of its values on the page. */
  readonly name: string;
  readonly svg: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/** The page with every `{{name.value}}` filled in. Throws where one is left over on either side. */
export function filled(page: string, sections: readonly Section[]): string {
  const open = new Map<string, string>(
    sections.flatMap(({ name, values }) =>
      Object.entries(values).map(([key, value]) => [`${name}.${key}`, String(value)] as const),
    ),
  );
  const used = new Set<string>();
  const text = page.replaceAll(/\{\{([\w.-]+)\}\}/g, (_, key: string) => {
    const value = open.get(key);
    if (value === undefined) throw new Error(`the page asks for ${key}, which nobody computes`);
    used.add(key);
    return value;
  });
  const unused = [...open.keys()].filter((key) => !used.has(key));
  if (unused.length > 0) throw new Error(`the page leaves out ${unused.join(', ')}`);
  return text;
}
