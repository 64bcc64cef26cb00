import type { UploadFault } from './schema.ts';

/** JSON of a table is flat; the parser behind recurses, and a line nested twenty thousand deep ends its process. */
const MAX_DEPTH = 64;
/** Forms of a line that are kept: the same keys in another order, or without one of them, are another form. */
const MAX_FORMS = 16;
/**
 * A string, or whatever else holds no quote, brace or comma: a number, null, NaN, and where they may be, true and false. It can be read
 * in one way only, so that a line that does not fit is known for it in linear time.
 */
const valueBut = (notFirst: string) =>
  String.raw`(?:"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"[ \t]*|[^",{}\[\] \t\n${notFirst}][^",{}\[\]\n]*)`;
const VALUE = valueBut('');
const NO_BOOLEAN = valueBut('tf');

/** What the lines of an NDJSON file say of its columns. */
export type LineKeys = {
  /** Every key, in the order of first appearance and at most `limit`. */
  keys: readonly string[];
  /** Those that hold true or false in some line: a reader of numbers takes these for 1 and 0 without a word. */
  booleans: ReadonlySet<string>;
};

/**
 * Looks at the lines of an NDJSON file for their keys and for lines that nest too deep. Nearly all lines of a file have the keys of one
 * before them: they are recognised by a regular expression made from it, at a fraction of what parsing them costs. Only others are parsed.
 */
export type LineScan = {
  /** @param bytes whole lines of valid UTF-8; @param from the number of the first */
  add(bytes: Buffer, from: number): UploadFault | null;
  /** @returns undefined where a line is no JSON that we can read */
  found(): LineKeys | undefined;
};

export function scanLines(limit: number): LineScan {
  const forms: RegExp[] = [];
  const keys = new Set<string>();
  const booleans = new Set<string>();
  let readable = true;

  /** @returns what is wrong with a line that has no known form */
  function look(text: string, line: number): UploadFault | null {
    if (depthOf(text) > MAX_DEPTH) {
      return { code: 'nested_too_deep', line, message: `Line ${line} nests deeper than ${MAX_DEPTH} levels.` };
    }
    const row = text.trim() === '' ? {} : parsed(text);
    if (row === undefined) {
      readable = false;
      return null;
    }
    const own = Object.keys(row);
    for (const key of own) if (keys.size < limit) keys.add(key);
    for (const key of own) if (typeof row[key] === 'boolean') booleans.add(key);
    if (forms.length < MAX_FORMS && own.length > 0 && own.length <= limit) forms.push(formOf(own, booleans));
    return null;
  }

  return {
    add(bytes, from) {
      // One byte a character: nothing that is looked for is more than one, and no text has to be decoded.
      const text = bytes.toString('latin1');
      let line = from;
      for (let at = 0; at < text.length; line++) {
        const end = endOfForm(forms, text, at);
        if (end > at) {
          at = end;
          continue;
        }
        const next = text.indexOf('\n', at);
        const stop = next < 0 ? text.length : next;
        const fault = look(text.slice(at, stop), line);
        if (fault) return fault;
        at = stop + 1;
      }
      return null;
    },
    found: () => (readable ? { keys: [...keys], booleans } : undefined),
  };
}

/** Where the line at `at` ends, where it has a known form; the form is looked for first in the next line. */
function endOfForm(forms: RegExp[], text: string, at: number): number {
  for (const [i, form] of forms.entries()) {
    form.lastIndex = at;
    if (!form.test(text)) continue;
    const end = form.lastIndex;
    if (i > 0) forms.unshift(...forms.splice(i, 1));
    return end;
  }
  return -1;
}

function formOf(keys: readonly string[], booleans: ReadonlySet<string>): RegExp {
  const members = keys.map((key) => {
    const value = booleans.has(key) ? VALUE : NO_BOOLEAN;
    return `${escaped(JSON.stringify(key))}[ \\t]*:[ \\t]*${value}`;
  });
  return new RegExp(`\\{[ \\t]*${members.join(',[ \\t]*')}\\}[ \\t]*\\r?(?:\\n|$)`, 'y');
}

/** A text as its bytes appear in what is searched, as a pattern. */
function escaped(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The row of a line, given as its bytes; undefined where it is no JSON object. */
function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const row: unknown = JSON.parse(Buffer.from(line, 'latin1').toString());
    return typeof row === 'object' && row !== null && !Array.isArray(row)
      ? (row as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** How deep objects and lists nest in a line; what stands in a string nests nothing. */
function depthOf(line: string): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let i = 0; i < line.length; i++) {
    const char = line.charCodeAt(i);
    if (quoted) {
      if (char === 0x5c) i++;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return deepest;
}
